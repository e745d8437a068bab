"""Train: a network learns beside the page, stops and goes on, and its past can be slid through."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Opened
from tests.browser.explore import Explore

QUICK = "task=brackets&width=4&rounds=60"
LONG = "task=brackets&width=4&rounds=5000"


def button(app: Explore, name: str) -> Locator:
    return app.main.get_by_role("button", name=name, exact=True)


def begun(open_page: Opened, query: str) -> Explore:
    """The page, its plan from the link, not yet begun."""
    app = open_page(query)
    app.page.get_by_role("link", name="Train", exact=True).click()
    expect(button(app, "Train")).to_be_visible()
    app.rest()
    return app


def test_the_untrained_network_is_seen_and_then_what_training_made_of_it(open_page: Opened) -> None:
    app = begun(open_page, QUICK)
    expect(app.heatmaps.first).to_have_attribute("href", re.compile("data:"))
    untrained = app.heatmaps.first.get_attribute("href") or ""
    button(app, "Train").click()
    expect(app.main.get_by_text("done, 60 updates")).to_be_visible()
    expect(app.heatmaps.first).not_to_have_attribute("href", untrained)
    expect(app.main.get_by_text("after 60 of 60 updates")).to_be_visible()
    app.main.get_by_role("slider", name="Drag: untrained → trained").focus()
    app.page.keyboard.press("Home")
    expect(app.main.get_by_text("not trained yet")).to_be_visible()
    expect(app.heatmaps.first).to_have_attribute("href", untrained)
    with app.page.expect_download() as saved:
        button(app, "Save the model").click()
    assert saved.value.suggested_filename == "brackets-lstm.safetensors"


def test_a_training_stops_goes_on_and_outlives_a_switch_of_pages(open_page: Opened) -> None:
    app = begun(open_page, LONG)
    button(app, "Train").click()
    button(app, "Stop").click()
    expect(app.main.get_by_text("stopped at update")).to_be_visible()
    button(app, "Continue").click()
    # A click that still waits for its part of the page is lost with the page.
    expect(button(app, "Stop")).to_be_visible()
    app.page.get_by_role("link", name="Read").click()
    app.rest()
    app.page.get_by_role("link", name="Train", exact=True).click()
    button(app, "Stop").click()
    expect(app.main.get_by_text("stopped at update")).to_be_visible()
