"""The page shows what matters first; what is folded is a click away; data are seen as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60)
    for key, value in {"lang": "en", "model": "untrained", **query}.items():
        app.query_params[key] = value
    return app.run()


def drawn(app: AppTest) -> list[dict[str, Any]]:
    (chart,) = (one for one in app.get("plotly_chart") if one.key == "chart")
    return json.loads(chart.proto.spec)["data"]


def test_memory_and_gates_are_shown_and_one_click_opens_the_others() -> None:
    app = opened()
    main = ["cell", "forget", "input", "output"]
    assert [one["name"] for one in drawn(app)] == main
    app.button(key="show_more").click().run()
    assert [one["name"] for one in drawn(app)] == [*main, "candidate", "hidden"]
    app.button(key="show_fewer").click().run()
    assert [one["name"] for one in drawn(app)] == main


def test_numbers_are_thin_lines_over_the_heatmaps_without_being_asked_for() -> None:
    app = opened(kind="numbers", text="1 20; 2 40; 3 10")
    lines = [one for one in drawn(app) if one["type"] == "scatter"]
    assert len(lines) == 2
    assert [drawn(app)[i]["type"] for i in range(3)] == ["scatter", "scatter", "heatmap"]


def test_a_long_text_is_an_axis_of_its_own_and_a_short_one_is_not() -> None:
    assert not opened(text="The cat").exception
    names = [one.key for one in opened(text="The old bridge " * 6).get("bidi_component")]
    assert np.isin("text_axis", names)
