"""How a run is played: once by itself, backward where a layer reads so, always in sight."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.interventions.serialise import to_text
from tests.browser.conftest import Opened
from tests.browser.explore import Explore, box_of

TEXT = "Ada Lovelace wrote"
UNTRAINED = urlencode({"model": "untrained", "text": TEXT})
LAST = len(TEXT)
# More than a cursor takes to settle and to be reported, in ms.
A_WHILE = 1500


def opening(open_page: Opened, **options: Any) -> Explore:
    """The page of an address that says nothing."""
    app = open_page(**options)
    app.page.goto(app.url)
    expect(app.play).to_be_visible()
    return app


def test_a_backward_layer_is_veiled_and_played_as_it_reads(open_in_tab: Opened) -> None:
    app = open_in_tab(f"{UNTRAINED}&direction=backward&step=9")
    chart, mask = box_of(app.heatmaps.first), box_of(app.future_mask)
    now = box_of(app.boxes.first)
    assert mask.right == pytest.approx(now.left, abs=5)
    assert mask.left <= chart.left
    expect(app.part("reads")).to_be_visible()
    expect(app.part("first")).to_have_accessible_name("Last step (Home)")
    expect(app.part("back")).to_have_accessible_name("Step forward (←)")
    app.part("last").click()
    app.stands_on(LAST)
    app.part("speed").select_option("60")
    app.play.click()
    app.stands_on(1)
    app.expect_no_address("step=")
    # Everything is read: nothing is veiled.
    assert box_of(app.future_mask).right <= chart.left + 5


def test_what_stood_before_is_what_the_token_after_left(open_in_tab: Opened) -> None:
    app = open_in_tab(f"{UNTRAINED}&direction=backward&step=9&pick=forget.2")
    sequence = rv.parse(TEXT)
    options = {"direction": "backward", "seed": 7, "init": "xavier", "gain": 3}
    trace = rv.trace(rv.random_model("lstm", sequence.n_features, 16, **options), sequence)
    said = app.page.locator("text[data-node='hidden before'][data-role=note]").text_content() or ""
    number = float(said.split()[-1].replace("−", "-"))
    assert number == pytest.approx(float(trace["hidden"][10, 0, 2]), abs=5.1e-3)


def test_the_opening_plays_once_and_the_first_action_ends_it(open_page: Opened) -> None:
    app = opening(open_page)
    app.page.wait_for_selector(".st-key-panels .main-svg")
    assert app.slider.input_value() == "1", "nothing plays before there is a picture"
    expect(app.play).to_have_accessible_name("Pause (space)")
    app.page.mouse.click(5, 890)
    expect(app.play).to_have_accessible_name("Play (space)")


def test_with_reduced_motion_nothing_plays_by_itself(open_page: Opened) -> None:
    app = opening(open_page, reduced_motion="reduce")
    app.stands_on(1)
    app.page.wait_for_timeout(A_WHILE)
    app.stands_on(1)
    expect(app.play).to_have_accessible_name("Play (space)")


def test_the_veil_is_lifted_while_a_change_is_looked_at(open_in_tab: Opened) -> None:
    held = urlencode({"do": to_text([rv.Clamp("forget", 1, start=3)]), "step": 3})
    app = open_in_tab(f"{UNTRAINED}&{held}")
    expect(app.future_mask).to_be_hidden()
    app.page.get_by_role("radio").last.click()
    expect(app.future_mask).to_be_visible()


def test_a_link_keeps_veil_and_speed(open_page: Opened) -> None:
    app = open_page(f"{UNTRAINED}&step=3")
    app.part("mask").click()
    app.part("speed").select_option("10")
    app.expect_address("veil=off")
    app.expect_address("speed=10")
    again = open_page(f"{UNTRAINED}&step=3&veil=off&speed=10")
    expect(again.part("speed")).to_have_value("10")
    expect(again.future_mask).to_be_hidden()


def test_the_player_is_one_row_on_a_phone_and_stays_in_sight(open_in_tab: Opened) -> None:
    app = open_in_tab(f"{UNTRAINED}&step=3", viewport={"width": 390, "height": 844})
    player = app.page.locator(".player").first
    assert box_of(player).height < 50
    assert box_of(player).right <= 390
    expect(app.part("mask")).to_have_accessible_name("Hide unread")
    app.page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 900)")
    app.page.wait_for_timeout(300)
    assert 0 <= box_of(player).top < 150


def drag_to_open(app: Explore, name: str) -> None:
    """Drag a gate of the drawing until it is nearly open."""
    gate = app.page.locator(f"[data-gate={name}]")
    gate.scroll_into_view_if_needed()
    app.lie_still()
    box, mouse = box_of(gate), app.page.mouse
    mouse.move(box.left + 20, box.top + 25)
    mouse.down()
    mouse.move(box.left + 0.9 * box.width, box.top + 25, steps=4)
    mouse.up()


def test_a_gate_is_held_by_dragging_it_and_let_go_by_its_badge(open_in_tab: Opened) -> None:
    app = open_in_tab(f"{UNTRAINED}&step=5&pick=forget.2")
    drag_to_open(app, "forget")
    app.expect_address("do=")
    app.rest()
    badge = app.page.locator("[data-release=forget]")
    expect(badge).to_be_visible()
    expect(app.page.locator(".st-key-made [data-part=place]")).to_have_text(
        re.compile("unit 2, step 6, held")
    )
    badge.click()
    app.expect_no_address("do=")
    expect(badge).to_be_hidden()


def test_a_dragged_gate_is_one_entry_of_the_history_and_one_back_brings_it_again(
    open_page: Opened,
) -> None:
    app = open_page(UNTRAINED)
    app.page.wait_for_timeout(A_WHILE)
    before = app.page.evaluate("history.length")
    drag_to_open(app, "output")
    app.expect_address("do=")
    app.page.wait_for_timeout(A_WHILE)
    app.rest()
    held = app.chosen
    assert held["pick"] == "output.0"
    assert app.page.evaluate("history.length") == before + 1
    app.start_over()
    app.expect_no_address("do=")
    app.page.wait_for_timeout(A_WHILE)
    assert app.chosen == {"lang": "en", "model": "untrained"}
    app.page.go_back()
    app.expect_address("do=")
    app.page.wait_for_timeout(A_WHILE)
    assert app.chosen == held
    expect(app.page.locator("[data-release=output]")).to_be_visible()
