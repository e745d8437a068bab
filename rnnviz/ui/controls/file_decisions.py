"""How an uploaded file was read: what was decided, shown and changeable."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from rnnviz.inputs.choices import is_changeable
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import Content, Text
from rnnviz.inputs.table import Table
from rnnviz.ui import results, state
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File
from rnnviz.ui.widget_keys import keyed, on_user_change

_MAX_SHOWN = 12
_WIDTH = 330


def open_decisions(file: File, how: FileFormat) -> None:
    """The decisions that a file leaves open or that were changed, where the eye is."""
    changed = dict(state.chosen_reading())
    asked = [
        *(
            replace(each, chosen=changed[each.name])
            for each in _decisions(results.content_of(file))
            if changed.get(each.name) in each.options
        ),
        *(
            each
            for each in _decisions(results.content_of(file, how))
            if not each.is_certain and each.name not in changed
        ),
    ]
    if asked:
        with st.container(horizontal=True, vertical_alignment="bottom", key="file_decisions"):
            _show_all(asked, "open", _WIDTH)


def certain_decisions(content: Content) -> None:
    """The decisions that a file leaves no doubt about, for the side bar."""
    changed = dict(state.chosen_reading())
    certain = [y for y in _decisions(content) if y.is_certain and y.name not in changed]
    if certain:
        with st.popover(t("reading"), icon=":material/rule:"):
            _show_all(certain, "certain", "stretch")


def _decisions(content: Content) -> tuple[Decision, ...]:
    return content.decisions if isinstance(content, Table | Text) else ()


def _show_all(decisions: list[Decision], key: str, width: int | Literal["stretch"]) -> None:
    for i, decision in enumerate(decisions[:_MAX_SHOWN]):
        _show(decision, f"{key}_{i}", width)
    if len(decisions) > _MAX_SHOWN:
        st.caption(t("reading.more", n=len(decisions) - _MAX_SHOWN))


def _show(decision: Decision, key: str, width: int | Literal["stretch"]) -> None:
    sentence = escape_markdown(decision.sentence(state.language()))
    if not is_changeable(decision):
        icon = "" if decision.is_certain else ":material/help: "
        st.caption(icon + sentence)
        return
    key = keyed(f"{key}_{decision.name}", decision.chosen)
    st.selectbox(
        sentence,
        decision.options,
        decision.options.index(decision.chosen),
        key=key,
        on_change=on_user_change,
        args=(key, _choose, decision.name, key),
        format_func=lambda option: decision.option_text(option, state.language()),
        width=width,
    )


def _choose(name: str, key: str) -> None:
    others = [one for one in state.names_of("reading") if one.partition("=")[0] != name]
    state.put(reading=[*others, f"{name}={st.session_state[key]}"])
