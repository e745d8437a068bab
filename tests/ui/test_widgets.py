"""What a widget shows is its default: a browser that draws one twice reports that of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.ui.widget_keys import current_key, keyed, on_user_change, renew_words

PAGES = {
    "read": {"cell": "gru", "units": "9", "draw": "lines", "only": '["1"]', "do_steps": "span"},
    "compare": {"compare": "inputs"},
    "train": {"task": "adding", "learner": "gru", "width": "9", "rate": "0.01"},
    "learn": {"lesson": "gru", "guess": '["1"]'},
}


def _app(first: str, names: list[str]) -> None:
    import streamlit as st

    from rnnviz.ui import address, shell

    address.load_session()
    shell.page_header()
    pages = [st.Page(shell.page_file(name), url_path=name, default=name == first) for name in names]
    shell.show_errors(st.navigation(pages).run)
    address.write_url()


def protos(block: Any) -> Iterator[Any]:
    """Of every element on the page."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from protos(child)
        elif hasattr(child, "proto"):
            yield child.proto


@pytest.mark.parametrize("name", PAGES)
def test_a_widget_is_told_what_it_shows_by_its_default(name: str) -> None:
    app = AppTest.from_function(_app, default_timeout=120, args=(name, [*PAGES]))
    for key, value in PAGES[name].items():
        app.query_params[key] = value
    app.session_state["doing"] = True
    app.run()
    assert not app.error
    # What the session sets instead is drawn as `value`, and the default stays the least there is.
    told = [one for one in protos(app._tree) if "set_value" in one.DESCRIPTOR.fields_by_name]
    assert len(told) > 3
    assert [one.label for one in told if one.set_value] == []


def test_a_choice_back_to_what_was_drawn_last_counts_and_a_report_once_more_does_not() -> None:
    """The run of the first of two quick choices may end before it draws the widget again."""
    taken: list[str] = []
    name = keyed("quick", "lstm")
    for reported in ("lstm", "gru", "lstm", "lstm"):
        st.session_state[name] = reported
        on_user_change(name, taken.append, reported)
    assert taken == ["gru", "lstm"]
    del st.session_state[name]


def test_a_list_whose_shown_value_is_called_otherwise_is_a_new_one() -> None:
    renew_words("called", "", "the largest")
    before = current_key("called")
    renew_words("called", "", "the largest")
    renew_words("called", "2", "French")
    assert current_key("called") == before
    renew_words("called", "", "the largest")
    renew_words("called", "", "A’s answer")
    assert current_key("called") != before
