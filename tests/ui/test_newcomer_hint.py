"""The line that explains the heatmaps: there at first, hidden by a click, brought back by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.i18n import word


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60)
    for key, value in {"lang": "en", "model": "untrained", **query}.items():
        app.query_params[key] = value
    return app.run()


def lines(app: AppTest) -> list[str]:
    bodies = (one.proto.body for one in app.get("html"))
    return [body for body in bodies if 'class="hint"' in body]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_rows_columns_and_colours_are_said_at_first(lang: str) -> None:
    (line,) = lines(opened(lang=lang))
    assert word("hint.grid", lang) in line
    assert word("hint.closed", lang) in line
    assert line.count("linear-gradient") == 2


def test_a_network_without_gates_has_no_word_of_them() -> None:
    (line,) = lines(opened(cell="rnn"))
    assert "gate" not in line
    assert "+" in line


def test_it_is_hidden_for_the_session_and_brought_back() -> None:
    app = opened()
    app.button(key="hint_close").click().run()
    assert lines(app) == []
    app.button(key="show_more").click().run()
    assert lines(app) == []
    app.button(key="hint_open").click().run()
    assert len(lines(app)) == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_units_that_are_left_out_are_told(lang: str) -> None:
    told = word("hint.telling", lang, shown=24, all=128)
    (line,) = lines(opened(model="preset:next_character_lstm", lang=lang))
    assert told in line
    for other in ({"order": "index"}, {"only": '["3","5"]'}):
        (line,) = lines(opened(model="preset:next_character_lstm", lang=lang, **other))
        assert told not in line


def test_the_dash_of_a_number_beyond_the_scale_is_told_where_there_is_one() -> None:
    (cut,) = lines(opened(model="preset:brackets_lstm"))
    (whole,) = lines(opened(model="preset:sines_lstm"))
    assert word("hint.cut") in cut
    assert word("hint.cut") not in whole


def test_lines_have_none() -> None:
    assert lines(opened(draw="lines")) == []
