"""On a projector the text of the figures is larger, whatever model reads, and in a class."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui import places
from tests.test_app import APP, clicked, opened


def fonts(app: AppTest) -> list[float]:
    """Sizes of the titles of the first figure."""
    layout: dict[str, Any] = json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]
    return [one["font"]["size"] for one in layout["annotations"] if "font" in one]


def test_a_switch_makes_the_text_of_the_figures_larger() -> None:
    small = fonts(opened(model="preset:brackets_lstm"))
    app = opened(model="preset:brackets_lstm", projector="1")
    assert fonts(app) == pytest.approx([1.6 * size for size in small])
    switch = next(one for one in app.toggle if one.label == "Projector")
    assert switch.value
    app = switch.set_value(False).run()
    assert fonts(app) == pytest.approx(small)


def test_large_titles_are_names_without_what_the_signal_does() -> None:
    spec = opened(model="preset:brackets_lstm", projector="1").get("plotly_chart")[0].proto.spec
    assert "forget gate" in spec
    assert "how much of the cell state is kept" not in spec
    assert "how much of the cell state is kept" in (
        opened(model="preset:brackets_lstm").get("plotly_chart")[0].proto.spec
    )


def test_another_model_is_read_from_the_last_row_as_well() -> None:
    app = clicked(opened(model="preset:brackets_lstm", projector="1"), "model_untrained")
    assert app.session_state["chosen"]["projector"] == "1"


def test_a_lesson_is_larger_in_class_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "page_path", lambda: "/learn")
    page, slide = (lesson(**own) for own in ({}, {"class": "1", "slide": "1"}))
    assert "--rnnviz-type:1.0;" in styles(page)
    assert "--rnnviz-type:1.0;" not in styles(slide)


def lesson(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", "lesson": "gru", **choices}.items():
        app.query_params[key] = value
    return app.switch_page("rnnviz/ui/pages/learn.py").run()


def styles(app: AppTest) -> str:
    return "".join(one.proto.body for one in app.get("html"))
