"""Players of one playhead keep step together, each with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

import rnnviz as rv
from tests.browser.chromium import ROOT, serving


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serving(ROOT / "tests" / "browser" / "two_players.py") as url:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        expect(page.locator(".rnnviz-overlay")).to_have_count(2)
        yield page
        page.close()


def expect_both_on(page: Page, step: int) -> None:
    sliders = page.locator(".player [data-part=slider]")
    expect(sliders.nth(0)).to_have_value(str(step))
    expect(sliders.nth(1)).to_have_value(str(step))


def test_a_step_of_one_is_a_step_of_both(page: Page) -> None:
    page.locator(".player [data-part=first]").first.click()
    page.locator(".player [data-part=forward]").nth(1).click()
    expect_both_on(page, 2)


def test_a_key_is_one_step_and_not_one_for_each_player(page: Page) -> None:
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect_both_on(page, 4)


def test_one_that_plays_is_stopped_by_the_other(page: Page) -> None:
    page.keyboard.press("Home")
    page.locator(".player [data-part=speed]").first.select_option("10")
    plays = page.locator(".player [data-part=play]")
    plays.first.click()
    expect(page.locator(".player [data-part=slider]").nth(1)).not_to_have_value("1")
    plays.nth(1).click()
    expect(plays.first).to_have_attribute("aria-label", "Play (space)")


def test_each_shows_its_own_numbers_at_the_common_step(page: Page) -> None:
    page.keyboard.press("Home")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    sequence = rv.parse("The cat sat on the mat.")
    for index, cell in enumerate(("rnn", "gru")):
        model = rv.random_model(cell, sequence.n_features, 4, seed=7, gain=3)
        hidden = rv.trace(model, sequence)["hidden"][6, 0]
        shown = page.locator(".value-table table").nth(index).locator("td")
        expect(shown).to_have_text([f"{value:.4f}".replace("-", "−") for value in hidden])
