"""Every picture of a task names its outputs and inputs in the language of the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.interventions.serialise import to_text

APP = str(Path(__file__).parents[2] / "app.py")
HELD = to_text([rv.Clamp("update", 0.2)])
SURNAMES = {"model": "preset:languages_gru", "says": "Schneider"}


def charts(page: str, query: dict[str, str]) -> str:
    """All charts of a page, as they are sent."""
    app = AppTest.from_file(APP, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    if page:
        app.switch_page(f"rnnviz/ui/pages/{page}.py")
    specs = (chart.proto.spec for chart in app.run().get("plotly_chart"))
    return "".join(json.dumps(json.loads(spec), ensure_ascii=False) for spec in specs)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("", SURNAMES),
        ("", {**SURNAMES, "do": HELD}),
        ("", {**SURNAMES, "do": HELD, "versus": "difference"}),
        ("compare", {"course": "languages_gru"}),
        ("compare", {"course": "languages_gru", "sides": "difference"}),
    ],
)
def test_languages_of_a_surname(page: str, query: dict[str, str]) -> None:
    spec = charts(page, {**query, "lang": "zh"})
    assert "德语" in spec
    assert "German" not in spec
    assert "German" in charts(page, {**query, "lang": "en"})


def test_what_a_network_of_numbers_reads() -> None:
    query = {"model": "preset:sines_lstm"}
    assert "数值" in charts("", {**query, "lang": "zh"})
    assert "数值" not in charts("", {**query, "lang": "en"})
