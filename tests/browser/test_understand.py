"""Understand: the player's step in the figures, moved by keys and by clicks; one page for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Profile, Server
from tests.browser.explore import RESTS, box_of

TEXT = "([])[("
LINK = f"/understand?lang=en&model=preset:brackets_lstm&says={TEXT}&understand=memory&pick=cell.4"
# Pixels of borders and rounding.
CLOSE = 4


@pytest.fixture(scope="module")
def page(profile: Profile, server: Server) -> Iterator[Page]:
    page = profile.context.new_page()
    page.set_viewport_size({"width": 1440, "height": 1300})
    page.goto(server.url + LINK)
    expect(page.locator(".rnnviz-mark")).to_have_count(2)
    page.wait_for_function(RESTS)
    yield page
    page.close()
    assert not profile.errors


def place_of(page: Page, step: int) -> tuple[float, float]:
    """Middle of the row and the column of a step, counted from 1, by the figure's own axes."""
    box = box_of(page.locator(".st-key-understand_memory_marked .nsewdrag"))
    share = (step - 0.5) / len(TEXT)
    return box.left + share * box.width, box.top + share * box.height


def expect_marked(page: Page, step: int) -> None:
    expect(page.locator(".player [data-part=slider]")).to_have_value(str(step))
    across, down = place_of(page, step)
    row, column = (box_of(page.locator(".rnnviz-mark").nth(i)) for i in (0, 1))
    assert row.top + row.height / 2 == pytest.approx(down, abs=CLOSE)
    assert column.left + column.width / 2 == pytest.approx(across, abs=CLOSE)


def test_the_step_is_marked_and_keys_move_it(page: Page) -> None:
    expect_marked(page, len(TEXT))
    page.keyboard.press("ArrowLeft")
    expect_marked(page, len(TEXT) - 1)


def test_a_click_on_a_cell_goes_to_the_step_that_remembers(page: Page) -> None:
    across, _ = place_of(page, 1)
    _, down = place_of(page, 3)
    page.mouse.move(across + 5, down)
    page.mouse.click(across, down)
    expect_marked(page, 3)
    page.wait_for_function("location.href.includes('step=2')")


def test_arrows_turn_through_the_units_and_the_view_follows(page: Page) -> None:
    page.locator(".rnnviz-marks").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("the memory of unit 5 is")).to_be_visible()
    page.wait_for_function("location.href.includes('pick=cell.5')")
    expect(page.locator(".rnnviz-mark")).to_have_count(2)


def test_a_click_in_the_map_of_patches_shows_the_run_patched_there(
    page: Page, server: Server
) -> None:
    page.goto(
        f"{server.url}/understand?lang=en&model=preset:brackets_lstm&says={TEXT}&understand=patching"
    )
    expect(page.get_by_text("with all states of A put in")).to_be_visible()
    for step in (3, 5):
        page.wait_for_function(RESTS)
        expect(page.locator(".st-key-picture_before")).to_have_count(0)
        box = box_of(page.locator(".st-key-understand_patching_marked .nsewdrag"))
        page.mouse.click(box.left + (step - 0.5) / len(TEXT) * box.width, box.top + box.height / 4)
        expect(page.get_by_text(f"put into B at step {step},")).to_be_visible()
