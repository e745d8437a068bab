"""Clicking a heatmap's cell shows how its number was made."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz as rv
from tests.browser.conftest import Opened

TEXT = "The cat sat on the mat."
SIGNALS = {
    "rnn": ["hidden"],
    "lstm": ["forget", "input", "candidate", "output"],
    "gru": ["reset", "update", "candidate"],
    "gru_reset_after": ["reset", "update", "candidate"],
}


def traced(cell: str) -> rv.Trace:
    sequence = rv.parse(TEXT)
    model = rv.random_model(cell, sequence.n_features, 16, seed=7, init="xavier", gain=3)
    return rv.trace(model, sequence)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("cell", SIGNALS)
def test_a_click_on_a_gate_shows_the_sum_behind_its_value(open_page: Opened, cell: str) -> None:
    app = open_page(f"cell={cell}&step=0")
    panel = len(SIGNALS[cell]) - 1
    signal = SIGNALS[cell][panel]
    app.page.mouse.click(*app.at(9, unit=6, units=16, panel=panel))
    app.stands_on(9)
    app.expect_address(f"pick={signal}.6")
    title = app.page.locator(".st-key-waterfall").get_by_text(f"How was {signal}").first
    shown = re.match(rf"How was {signal} (\S+) made\?", title.text_content() or "")
    assert shown
    value = traced(cell)[signal][8, 0, 6]
    assert number(shown[1]) == pytest.approx(float(value), abs=5e-4)


def test_the_drawing_and_the_arithmetic_follow_the_same_unit(open_page: Opened) -> None:
    app = open_page("cell=lstm&step=4&pick=input.11")
    waterfall = app.page.locator(".st-key-waterfall")
    expect(waterfall.get_by_text("unit 11, step 5").first).to_be_visible()
    app.page.mouse.click(*app.at(12, unit=3, units=16, panel=0))
    expect(waterfall.get_by_text("unit 3, step 12").first).to_be_visible()
    expect(app.page.locator(".st-key-diagram")).to_contain_text("unit 3")


def test_the_state_of_an_lstm_is_written_out_with_this_steps_numbers(open_page: Opened) -> None:
    app = open_page("cell=lstm&step=7&pick=forget.2")
    trace = traced("lstm")
    cell, hidden = (float(trace[name][7, 0, 2]) for name in ("cell", "hidden"))
    lines = app.page.locator(".st-key-arithmetic").get_by_test_id("stText")
    expect(lines).to_have_count(2)
    said = [text.split("\n") for text in lines.all_text_contents()]
    ends = [number(line.split("=")[-1]) for line, *_ in said]
    assert np.allclose(ends, [cell, hidden], atol=5e-4)
    kept, written = re.findall(r"kept (\S+), written (\S+)", said[0][1])[0]
    before = float(trace["cell"][6, 0, 2])
    assert number(kept) == pytest.approx(float(trace["forget"][7, 0, 2]) * before, abs=5e-4)
    assert number(kept) + number(written) == pytest.approx(cell, abs=1e-3)


def test_the_weights_of_the_picked_gate_are_one_click_away(open_page: Opened) -> None:
    app = open_page("cell=gru&step=3&pick=update.5")
    app.page.locator(".st-key-arithmetic summary").click()
    expect(app.page.locator(".st-key-matrices .hm image").first).to_be_visible()


def test_another_cell_has_its_first_gate_picked_in_picture_and_arithmetic(
    open_page: Opened,
) -> None:
    app = open_page("cell=lstm&step=3&pick=forget.4")
    app.cell("GRU").click()
    app.rest()
    expect(app.page.locator(".st-key-waterfall").get_by_text("How was reset").first).to_be_visible()
    assert app.page.evaluate("rnnvizPlayheads.get('panels').signal") == "reset"
