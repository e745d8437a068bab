"""The page where the system chooses the colours: what is chosen is told apart without one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.browser.explore import Explore

HELD = 'do=[{"do":"clamp","gate":"update","value":0.5}]'
OUTLINE = "one => getComputedStyle(one).outlineStyle"
BORDERS = """() => [...document.querySelectorAll("[data-testid=stSlider]")].map((slider) => {
  const handle = slider.querySelector("div:has(> [data-testid=stSliderThumbValue])");
  return [handle, slider.lastElementChild.firstElementChild.firstElementChild].map((part) =>
    getComputedStyle(part).borderBottomStyle);
})"""


@pytest.fixture(scope="module")
def app(open_once: Opened) -> Explore:
    app = open_once(f"model=preset:languages_gru&step=3&{HELD}", forced_colors="active")
    app.lie_still()
    return app


def outlines(app: Explore, chosen: bool) -> set[Any]:
    buttons = app.page.locator(f"button[aria-checked={str(chosen).lower()}]").all()
    assert buttons
    return {button.evaluate(OUTLINE) for button in buttons}


def test_what_is_chosen_has_an_outline(app: Explore) -> None:
    assert outlines(app, True) == {"solid"}
    assert outlines(app, False) == {"none"}


def test_sliders_have_a_handle_and_a_track(app: Explore) -> None:
    borders = app.page.evaluate(BORDERS)
    assert borders
    assert all(part == "solid" for slider in borders for part in slider)


def test_the_drawing_and_the_player_are_there(app: Explore) -> None:
    for place in (app.slider, app.page.locator(".st-key-diagram")):
        box = place.bounding_box()
        assert box is not None
        assert box["width"] > 100
