"""Text for the last row of a room: larger in every figure, and nothing of it cut at 1280 × 720."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.explore import Explore

PROJECTOR = {"width": 1280, "height": 720}
# Titles of figures that reach over the edge of their own figure or of the page.
CUT = """() => [...document.querySelectorAll(".js-plotly-plot .annotation-text")]
    .filter((text) => {
        const own = text.getBoundingClientRect();
        const frame = text.closest(".js-plotly-plot").getBoundingClientRect();
        const right = Math.min(frame.right, innerWidth);
        return own.left < frame.left - 1 || own.right > right + 1 || own.top < frame.top - 1;
    })
    .map((text) => text.textContent)"""
SIZE = """() => parseFloat(getComputedStyle(
    document.querySelector(".js-plotly-plot .annotation-text")).fontSize)"""


def expect_nothing_cut(app: Explore) -> None:
    app.rest()
    app.lie_still()
    assert app.page.evaluate(CUT) == []
    assert app.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_read_the_switch_makes_text_larger_and_cuts_nothing(
    open_in_tab: Opened, language: str
) -> None:
    query = f"lang={language}&model=preset:languages_gru&says=Schneider&step=3"
    app = open_in_tab(query, viewport=PROJECTOR)
    small = app.page.evaluate(SIZE)
    app.open(f"{query}&projector=1")
    expect(app.heatmaps.first).to_be_visible()
    assert app.page.evaluate(SIZE) >= 1.6 * small - 0.01
    expect_nothing_cut(app)


def test_in_class_the_figures_are_as_large_and_nothing_is_cut(open_in_tab: Opened) -> None:
    app = open_in_tab("lang=en", viewport=PROJECTOR)
    app.page.goto(f"{app.url}/learn?lang=en&lesson=gru&class=1&slide=3")
    expect(app.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect_nothing_cut(app)
