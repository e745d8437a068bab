"""A gate that is dragged shows its effect while it is dragged, computed in the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnnviz.i18n import word
from tests.browser.conftest import WIDE, Opened
from tests.browser.explore import Explore, box_of
from tests.browser.live import (
    COUNT_MESSAGES,
    NEW_TRACE,
    drag_slider,
    expect_served,
    same,
    trace_name,
    values,
)

PHONE = {"width": 390, "height": 844}
TOPS = """() => [".st-key-player", ".st-key-panels .js-plotly-plot", ".st-key-diagram"].map(
  (place) => document.querySelector(place).getBoundingClientRect().top
)"""

FORGETS = """(value) =>
  Math.abs(rnnvizPlayheads.get("panels").valuesAt("panels", "forget", 0)[0] - value) < 1e-6"""


def drag(app: Explore, gate: str, to: float) -> None:
    """Press the gate and move to this part of its width, without letting go."""
    handle = app.page.locator(f'[data-gate="{gate}"]')
    handle.scroll_into_view_if_needed()
    box = box_of(handle.locator("rect").first)
    height = box.top + box.height / 2
    app.page.mouse.move(box.left + box.width * 0.5, height)
    app.page.mouse.down()
    for part in (0.4, 0.3, to):
        app.page.mouse.move(box.left + box.width * part, height)


@pytest.mark.parametrize(
    ("query", "gate", "whose", "when"),
    [
        ("model=preset:languages_gru&text=Schneider&step=2", "update", "all_units", "all_steps"),
        (
            "cell=lstm&layers=2&direction=both&layer=1&text=the+cat&step=3",
            *("forget", "this_unit", "from_here"),
        ),
        ("cell=slstm&text=the+cat&step=2", "forget", "all_units", "from_here"),
    ],
)
def test_the_page_computes_what_the_server_then_sends(
    newcomer: Explore, query: str, gate: str, whose: str, when: str
) -> None:
    app = newcomer.open(query)
    app.page.locator("[data-part=whose]").select_option(whose)
    app.page.locator("[data-part=when]").select_option(when)
    before = values(app)
    trace = trace_name(app)
    app.page.evaluate(COUNT_MESSAGES)
    drag(app, gate, 0.2)
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    tried = values(app)
    assert app.page.evaluate("window.sent") == 0
    assert not same(tried["hidden"], before["hidden"])
    app.page.mouse.up()
    expect_served(app, trace)
    served = values(app)
    for name, numbers in served.items():
        assert same(tried[name], numbers), name


def test_a_slider_shows_what_it_would_do_while_it_is_moved(newcomer: Explore) -> None:
    app = newcomer.open("cell=lstm&text=the+cat&step=2")
    app.main.locator("summary").filter(has_text=word("do", "en")).click()
    app.rest()
    before = values(app)
    value = drag_slider(app, "hold_forget", -60)
    app.page.wait_for_function(FORGETS, arg=value)
    tried = values(app)
    assert not same(tried["cell"], before["cell"])
    trace = trace_name(app)
    app.page.mouse.up()
    expect_served(app, trace)
    assert same(tried["cell"], values(app)["cell"])


def test_the_answer_follows_the_hand(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:languages_gru&text=Schneider")
    share = app.page.locator('.answer [data-part="share"]')
    before = share.inner_text()
    drag(app, "update", 0.1)
    expect(share).not_to_have_text(before)
    moved = share.inner_text()
    app.page.mouse.up()
    app.expect_address("do=")
    app.rest()
    expect(share).to_have_text(moved)


@pytest.mark.parametrize(("moved", "end"), [(-150, "1.00"), (150, "0.00")])
def test_a_gate_is_dragged_up_and_down_as_well(newcomer: Explore, moved: int, end: str) -> None:
    app = newcomer.open("cell=gru&text=the+cat&step=2")
    handle = app.page.locator('[data-gate="update"]')
    handle.scroll_into_view_if_needed()
    box = box_of(handle.locator("rect").first)
    left, height = box.left + box.width / 2, box.top + box.height / 2
    app.page.mouse.move(left, height)
    app.page.mouse.down()
    for part in (0.1, 0.5, 1):
        app.page.mouse.move(left + 2 * part, height + moved * part)
    expect(handle).to_have_attribute("aria-valuenow", end)
    app.page.mouse.up()
    app.expect_address("do=")


def test_escape_takes_a_keyed_gate_back(newcomer: Explore) -> None:
    app = newcomer.open("cell=gru&text=the+cat&step=2")
    before = values(app)
    handle = app.page.locator('[data-gate="update"]')
    handle.focus()
    app.page.keyboard.press("End")
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(app.page.locator(".rnnviz-tried")).to_have_count(0)
    assert values(app) == before
    app.expect_no_address("do=")


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_nothing_moves_under_the_hand_when_a_gate_is_let_go(
    open_page: Opened, viewport: dict[str, int]
) -> None:
    app = open_page("model=preset:languages_gru&text=Schneider&step=5", viewport=viewport)
    app.lie_still()
    drag(app, "update", 0.2)
    held = app.page.evaluate(TOPS)
    trace = trace_name(app)
    app.page.mouse.up()
    app.page.wait_for_function(NEW_TRACE, arg=trace)
    expect(app.page.locator(".st-key-done")).to_be_visible()
    app.rest()
    app.lie_still()
    assert app.page.evaluate(TOPS) == pytest.approx(held, abs=1)
