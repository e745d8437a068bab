"""The Compare page: what it opens with, and what it does not put beside each other."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from tests.test_app import APP

COMPARE_PAGE = "rnnviz/ui/pages/compare.py"


def compare_page(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", **choices}.items():
        app.query_params[key] = value
    return app.switch_page(COMPARE_PAGE).run()


def components(app: AppTest) -> list[str]:
    return [one.proto.component_name for one in app.get("bidi_component")]


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.caption, *app.markdown))


def test_it_opens_with_one_network_before_and_after_its_training() -> None:
    app = compare_page()
    assert not app.error
    assert "course" in {one.key.rpartition("_")[0] or one.key for one in app.selectbox}
    assert "rnnviz_jump_table" in components(app)


def test_cells_are_compared_by_memory_and_saturation_and_not_unit_by_unit() -> None:
    app = compare_page(compare="cells")
    assert not app.error
    assert "rnnviz_jump_table" not in components(app)
    rows = next(one.value for one in app.markdown if "saturated" in one.value).splitlines()
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| RNN", "| LSTM", "| GRU (paper, 2014)"]
    assert rows[2].endswith("| — |")


def test_an_old_link_to_the_back_ends_still_shows_them() -> None:
    app = compare_page(compare="backends")
    assert not app.error
    assert "rounding" in said(app).lower()


def test_a_cell_opens_in_read_as_the_network_that_is_drawn() -> None:
    chosen = {"cells": '["rnn","lstm"]', "activation": "relu", "layers": "2", "units": "5"}
    app = compare_page(compare="cells", direction="backward", **chosen)
    assert not app.error
    assert "Your own network (layers: 2, direction: backward) is not among these" in said(app)
    links = app.get("page_link")
    asked = [parse_qs(link.proto.query_string) for link in links if "RNN" in link.proto.label]
    assert asked
    for query in asked:
        assert (query["units"], query["layers"], query["direction"]) == (["5"], ["1"], ["forward"])
        assert "activation" not in query


@pytest.mark.parametrize(("what", "key"), [("training", "course"), ("inputs", "reader")])
def test_a_network_has_the_same_name_as_in_read(what: str, key: str) -> None:
    app = compare_page(compare=what)
    (box,) = (one for one in app.selectbox if str(one.key).startswith(key))
    assert "Counts brackets" in box.options
