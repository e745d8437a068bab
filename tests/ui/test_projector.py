"""On a projector the text of the figures is larger, whatever model reads, and in a class."""

from __future__ import annotations

import json
import re
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


@pytest.mark.parametrize("lines", [720, 1080, 1440])
def test_type_in_class_is_larger_by_what_the_window_is_higher(
    monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    monkeypatch.setattr(places, "page_path", lambda: "/learn")
    page, slide = lesson(), lesson(lines, **SLIDE)
    scale = 1.8 * lines / 720
    assert fonts(slide) == pytest.approx([scale * size for size in fonts(page)])
    # Tables of numbers grow less, so that their rows have room.
    assert table_type(page) == 1
    assert table_type(slide) == pytest.approx(scale / 1.2)


# The slide with the live picture that is the first on the page.
SLIDE = {"class": "1", "slide": "3"}


def lesson(lines: int = 0, **choices: str) -> AppTest:
    """A lesson, on a slide for a window of so many lines where they are said."""
    app = AppTest.from_file(str(APP), default_timeout=90)
    if lines:
        app.session_state["slide_lines"] = lines
    for key, value in {"lang": "en", "lesson": "gru", **choices}.items():
        app.query_params[key] = value
    return app.switch_page("rnnviz/ui/pages/learn.py").run()


def table_type(app: AppTest) -> float:
    """Size of the text of tables as the page's style sheet has it, times the usual one."""
    (size,) = re.findall(r"--rnnviz-type:([\d.]+);", styles(app))
    return float(size)


def styles(app: AppTest) -> str:
    return "".join(one.proto.body for one in app.get("html"))
