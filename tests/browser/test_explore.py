"""The page at first sight, and what typing does."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.explore import Explore


def test_the_page_opens_with_a_picture_of_every_signal(app: Explore) -> None:
    expect(app.heatmaps).to_have_count(6)
    app.expect_tokens(list("The␣cat␣sat␣on␣the␣mat."))
    app.stands_on(23)
    assert list(app.table()) == ["unit", "forget", "input", "candidate", "output", "cell", "hidden"]
    assert app.crash.count() == app.alert.count() == 0


def test_typing_changes_the_picture_and_the_address_without_enter(app: Explore) -> None:
    app.text.click()
    app.press("End")
    app.page.keyboard.type("!?")
    app.expect_tokens(list("The␣cat␣sat␣on␣the␣mat.!?"))
    app.expect_address("text=The+cat+sat+on+the+mat.%21%3F")
    app.stands_on(25)
