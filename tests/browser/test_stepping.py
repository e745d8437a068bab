"""Stepping through time, which happens in the browser; one page serves every test."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

import rnnviz as rv
from tests.browser.conftest import Opened
from tests.browser.explore import Box, Explore, box_of

LAST = 23
N_PANELS = 4
# Borders of two pixels and rounding.
CLOSE = 4
# More than a chart takes to be laid out, in ms.
STILL = 1500


@pytest.fixture(scope="module")
def stage(tab: Explore) -> Explore:
    """The app, opened once for the tests that only step; its player has come."""
    stage = tab.open()
    stage.stands_on(LAST)
    return stage


@pytest.fixture
def app(stage: Explore) -> Explore:
    """The page with nothing focused, on its first step, and at rest there."""
    stage.leave()
    stage.rest()
    stage.press("Home")
    stage.stands_on(1)
    stage.expect_address("step=0")
    stage.rest()
    return stage


def column(app: Explore, step: int, panel: int) -> Box:
    """Where a step, counted from 1, lies in a heatmap, by the heatmap's own picture."""
    picture = box_of(app.heatmaps.nth(panel))
    wide = picture.width / LAST
    return Box(picture.left + (step - 1) * wide, picture.top, wide, picture.height)


def test_the_buttons_go_forward_back_and_to_both_ends(app: Explore) -> None:
    for part, step in (("forward", 2), ("forward", 3), ("back", 2), ("last", LAST), ("first", 1)):
        app.part(part).click()
        app.stands_on(step)
    app.part("back").click()
    app.stands_on(1)


def test_the_slider_goes_anywhere(app: Explore) -> None:
    app.slider.fill("14")
    expect(app.part("where")).to_contain_text(f"step 14 of {LAST}")
    expect(app.part("token")).to_have_text("n")


def test_the_keys_step_wherever_nothing_else_wants_them(app: Explore) -> None:
    for key, step in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", LAST)):
        app.press(key)
        app.stands_on(step)
    app.press("ArrowRight")
    app.stands_on(LAST)
    app.press("Home")
    app.stands_on(1)


def test_keys_in_the_text_field_stay_there(app: Explore) -> None:
    app.text.click()
    app.press("Home")
    app.press("ArrowRight", times=3)
    app.press("End")
    app.stands_on(1)


def test_the_numbers_follow_the_step(app: Explore) -> None:
    app.page.get_by_role("tab", name="Numbers").click()
    cell = app.numbers.locator("td").last
    expect(cell).to_be_visible()
    first = app.table()
    app.leave()
    app.press("ArrowRight")
    app.stands_on(2)
    expect(cell).not_to_have_text(first["output gate"][-1])
    second = app.table()
    assert second["unit"] == first["unit"]
    assert all(second[name] != first[name] for name in first if name != "unit")
    app.page.get_by_role("tab", name="Why this value?").click()


@pytest.mark.parametrize("step", [1, 12, LAST])
def test_the_current_column_is_boxed_in_every_panel(app: Explore, step: int) -> None:
    app.slider.fill(str(step))
    app.stands_on(step)
    expect(app.boxes).to_have_count(N_PANELS)
    for panel in range(N_PANELS):
        box, wanted = box_of(app.boxes.nth(panel)), column(app, step, panel)
        for side in ("left", "right", "top", "height"):
            close = 2 * CLOSE if side == "height" else CLOSE
            assert getattr(box, side) == pytest.approx(getattr(wanted, side), abs=close), side


def test_the_cursors_own_label_stands_over_its_column(app: Explore) -> None:
    app.slider.fill("9")
    app.stands_on(9)
    label = app.page.locator(".st-key-panels .rnnviz-here")
    expect(label).to_have_text("9s")
    box, now = box_of(label), column(app, 9, 0)
    assert box.left + box.width / 2 == pytest.approx(now.left + now.width / 2, abs=CLOSE)
    assert box.top + box.height <= now.top + CLOSE


def test_on_a_long_axis_the_cursors_label_is_there_too(tab: Explore) -> None:
    app = tab.open("step=50&text=" + "abcdefghij" * 12)
    app.page.set_viewport_size({"width": 600, "height": 900})
    app.rest()
    for step in (51, 52, 53):
        app.stands_on(step)
        expect(app.page.locator(".st-key-panels .rnnviz-here")).to_contain_text(
            "abcdefghij"[(step - 1) % 10]
        )
        app.press("ArrowRight")
    app.page.set_viewport_size({"width": 1440, "height": 900})
    tab.open()


def test_the_heatmaps_are_one_tab_stop_and_the_arrows_move_the_pick(app: Explore) -> None:
    playhead = "rnnvizPlayheads.get('panels')"
    app.page.mouse.click(*app.at(3, unit=4, units=16, panel=1))
    chart = app.page.locator(".st-key-panels .rnnviz-overlay")
    expect(chart).to_be_focused()
    expect(chart).to_have_accessible_name(re.compile("Heatmaps"))
    app.press("ArrowDown", times=2)
    app.press("ArrowRight")
    app.press("Shift+ArrowUp")
    app.stands_on(4)
    assert app.page.evaluate(f"[{playhead}.signal, {playhead}.unit]") == ["cell", 6]
    app.press("ArrowUp", times=20)
    app.press("Shift+ArrowDown", times=20)
    assert app.page.evaluate(f"[{playhead}.signal, {playhead}.unit]") == ["output", 0]


def test_the_future_is_masked_until_the_mask_is_off(app: Explore) -> None:
    app.slider.fill("12")
    app.stands_on(12)
    mask, now = box_of(app.future_mask), column(app, 12, 0)
    assert mask.left == pytest.approx(now.right, abs=CLOSE)
    assert mask.right >= column(app, LAST, 0).right - CLOSE
    assert mask.top <= now.top + CLOSE
    assert mask.top + mask.height >= column(app, 12, N_PANELS - 1).top
    app.part("mask").click()
    expect(app.future_mask).to_be_hidden()
    expect(app.part("mask")).to_have_attribute("aria-pressed", "false")
    app.part("mask").click()
    expect(app.future_mask).to_be_visible()


def test_at_the_end_nothing_is_masked(app: Explore) -> None:
    app.press("End")
    app.stands_on(LAST)
    assert box_of(app.future_mask).left >= column(app, LAST, 0).right - CLOSE


def test_playing_advances_and_stops_at_the_end(app: Explore) -> None:
    app.part("speed").select_option("60")
    app.play.click()
    app.stands_on(LAST)
    expect(app.play).to_have_accessible_name("Play (space)")
    app.play.click()
    expect(app.play).to_have_accessible_name("Pause (space)")
    app.stands_on(LAST)
    expect(app.play).to_have_accessible_name("Play (space)")


def test_the_space_bar_plays_and_pauses(app: Explore) -> None:
    app.part("speed").select_option("1")
    app.leave()
    app.press("Space")
    expect(app.play).to_have_accessible_name("Pause (space)")
    expect(app.slider).not_to_have_value("1")
    app.press("Space")
    expect(app.play).to_have_accessible_name("Play (space)")


def test_with_the_loop_on_it_starts_again(app: Explore) -> None:
    seen = "globalThis.rnnvizPlayheads.get('panels')"
    app.part("loop").click()
    app.part("speed").select_option("60")
    app.page.evaluate(f"() => {{ window.seen = []; {seen}.subscribe((c) => seen.push(c.time)) }}")
    app.play.click()
    app.page.wait_for_function(f"seen.some((time, i) => time === 0 && seen[i - 1] === {LAST - 1})")
    expect(app.play).to_have_accessible_name("Pause (space)")
    app.play.click()
    app.part("loop").click()
    expect(app.play).to_have_accessible_name("Play (space)")


@pytest.mark.parametrize(("panel", "step"), [(0, 5), (2, 17), (3, LAST)])
def test_clicking_a_cell_of_a_heatmap_goes_to_its_step(app: Explore, panel: int, step: int) -> None:
    app.page.mouse.click(*app.at(step, unit=4, units=16, panel=panel))
    app.stands_on(step)


def test_the_number_that_was_clicked_is_explained_and_so_is_the_step_where_playing_ends(
    app: Explore,
) -> None:
    app.page.mouse.click(*app.at(17, unit=4, units=16, panel=3))
    app.expect_address("pick=output.4")
    made = app.page.locator(".st-key-arithmetic")
    expect(made).to_contain_text("output gate")
    expect(made).to_contain_text("unit 4, step 17")
    app.part("speed").select_option("60")
    app.play.click()
    app.stands_on(LAST)
    expect(made).to_contain_text(f"unit 4, step {LAST}")


def test_the_number_under_the_pointer_is_said_as_the_trace_has_it(app: Explore) -> None:
    trace = rv.trace(
        rv.random_model("lstm", 12, 16, seed=7, init="xavier", gain=3),
        rv.parse("The cat sat on the mat."),
    )
    left, top = app.at(7, unit=5, units=16, panel=2)
    app.page.mouse.move(left, top)
    value = f"{trace['input'][6, 0, 5]:.4f}".replace("-", "−")
    label = app.page.locator(".rnnviz-tooltip")
    expect(label).to_have_text(f"input gate {value}unit 5step 7")
    app.leave()
    expect(label).to_be_hidden()


def test_dragging_over_a_heatmap_scrubs(app: Explore) -> None:
    mouse = app.page.mouse
    mouse.move(*app.at(4, panel=2))
    mouse.down()
    mouse.move(*app.at(15, panel=2), steps=5)
    app.stands_on(15)
    mouse.move(*app.at(8, panel=2), steps=5)
    app.stands_on(8)
    mouse.up()
    app.expect_address("step=7")
    app.stands_on(8)


def test_the_address_and_the_spoken_status_learn_where_the_cursor_rests(app: Explore) -> None:
    app.press("ArrowRight", times=6)
    app.stands_on(7)
    app.expect_address("step=6")
    expect(app.part("status")).to_contain_text(f"step 7 of {LAST}")
    app.press("End")
    app.expect_no_address("step=")


def test_a_hundred_steps_send_nothing_and_the_rest_sends_one_message(tab: Explore) -> None:
    app = tab.open("step=0&text=" + "abcdefghij" * 12)
    app.part("speed").select_option("60")
    app.page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;
            window.sent = 0;
            window.moves = [];
            WebSocket.prototype.send = function (data) { sent++; return send.call(this, data); };
            rnnvizPlayheads.get("panels").subscribe(({ time }) => moves.push([time, sent]));
        }"""
    )
    app.play.click()
    app.stands_on(120)
    app.expect_no_address("step=")
    app.rest()
    sent = [count for time, count in app.page.evaluate("moves") if time < 119]
    assert len(sent) > 50
    assert set(sent) == {0}
    assert app.page.evaluate("sent") == 1


@pytest.mark.parametrize("width", [390, 1000, 1440])
def test_the_axis_shows_all_letters_of_a_text_or_none(open_in_tab: Opened, width: int) -> None:
    text = "The White Rabbit looked at his watch, and said: I shall be late! and ran on."
    app = open_in_tab(urlencode({"text": text}), viewport={"width": width, "height": 900})
    app.page.wait_for_timeout(STILL)
    labels = app.page.locator(".st-key-panels .xaxislayer-above .xtick text")
    seen = """labels => {
        const isSeen = (line) => getComputedStyle(line).visibility === "visible";
        const lines = (label) => [...label.querySelectorAll("tspan.line")];
        const said = (line) => isSeen(line) ? line.textContent.trim() : "";
        return labels.map((label) => lines(label).map(said));
    }"""
    numbers, letters = zip(*labels.evaluate_all(seen), strict=True)
    assert "".join(letters) in ("", text.replace(" ", "␣"))
    assert ("".join(letters) != "") == (width == 1440)
    assert {"1", "10", "70"} <= set(numbers)


def test_a_trace_stays_where_another_component_is_taken_away(app: Explore) -> None:
    # A player that is replaced may go after the next one has come.
    app.page.evaluate("() => rnnvizPlayheads.get('panels').removeTrace('panels', {})")
    app.press("ArrowRight")
    app.stands_on(2)
