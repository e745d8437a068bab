"""Clicking a heatmap's cell shows how its number was made."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import rnnviz as rv
from rnnviz.analysis.attribution import attribution
from rnnviz.i18n import word
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

TEXT = "The cat sat on the mat."
SIGNALS = {"rnn": "hidden", "lstm": "output", "gru": "update", "gru_reset_after": "update"}
PANEL = """signal => document.querySelector(".st-key-panels .js-plotly-plot").data
    .filter(({ type }) => type === "heatmap")
    .findIndex(({ meta }) => meta?.[0]?.signal === signal)"""


def traced(cell: str) -> rv.Trace:
    sequence = rv.parse(TEXT)
    model = rv.random_model(cell, sequence.n_features, 16, seed=7, init="xavier", gain=3)
    return rv.trace(model, sequence)


def made(app: Explore) -> Locator:
    """The arithmetic of the picked number."""
    return app.page.locator(".st-key-made .arithmetic")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("cell", SIGNALS)
def test_a_click_on_a_gate_shows_the_sum_behind_its_value(open_in_tab: Opened, cell: str) -> None:
    app = open_in_tab(f"cell={cell}&step=0")
    signal = SIGNALS[cell]
    panel = app.page.evaluate(PANEL, signal)
    app.page.mouse.click(*app.at(9, unit=6, units=16, panel=panel))
    app.stands_on(9)
    app.expect_address(f"pick={signal}.6")
    title = made(app).locator(".title b")
    said = word(f"signal.{signal}")
    expect(title).to_contain_text(f"Why is {said}")
    expect(made(app).locator("[data-part=place]")).to_have_text("unit 6, step 9")
    shown = re.match(rf"Why is {said} (\S+) here\?", title.text_content() or "")
    assert shown
    value = traced(cell)[signal][8, 0, 6]
    assert number(shown[1]) == pytest.approx(float(value), abs=5e-4)


def test_the_drawing_and_the_arithmetic_follow_the_same_unit(open_in_tab: Opened) -> None:
    app = open_in_tab("cell=lstm&step=4&pick=input.11")
    place = made(app).locator("[data-part=place]")
    expect(place).to_have_text("unit 11, step 5")
    app.page.mouse.click(*app.at(12, unit=3, units=16, panel=0))
    expect(place).to_have_text("unit 3, step 12")
    expect(app.page.locator(".st-key-diagram")).to_contain_text("unit 3")


def test_the_state_of_an_lstm_is_written_out_with_this_steps_numbers(open_in_tab: Opened) -> None:
    app = open_in_tab("cell=lstm&step=7&pick=forget.2")
    trace = traced("lstm")
    cell, hidden = (float(trace[name][7, 0, 2]) for name in ("cell", "hidden"))
    lines = made(app).locator("[data-part=lines] p")
    expect(lines).to_have_count(2)
    said = [text.split("\n") for text in lines.all_text_contents()]
    ends = [number(line.split("=")[-1]) for line, *_ in said]
    assert np.allclose(ends, [cell, hidden], atol=5e-4)
    kept, written = re.findall(r"kept (\S+), written (\S+)", said[0][1])[0]
    before = float(trace["cell"][6, 0, 2])
    assert number(kept) == pytest.approx(float(trace["forget"][7, 0, 2]) * before, abs=5e-4)
    assert number(kept) + number(written) == pytest.approx(cell, abs=1e-3)


def test_no_panel_shows_another_step_while_it_plays(open_in_tab: Opened) -> None:
    """The drawing's number is the arithmetic's at every step, without waiting for the server."""
    app = open_in_tab("cell=lstm&step=0&pick=forget.2")
    expect(made(app).locator("[data-part=place]")).to_have_text("unit 2, step 1")
    pairs = app.page.evaluate(
        """async () => {
            const find = (key, part) => document.querySelector(key).querySelector("*")
                && [...document.querySelectorAll(key + " *")].map((one) => one.shadowRoot)
                    .find(Boolean).querySelector(part);
            const drawn = find(".st-key-diagram", "text[data-node=forget][data-role=value]");
            const [value, place] = ["number", "place"].map((part) =>
                find(".st-key-made", `[data-part=${part}]`));
            const playhead = rnnvizPlayheads.get("panels");
            const seen = [];
            for (let step = 1; step < playhead.length; step++) {
                playhead.seek(step);
                seen.push([drawn.textContent, value.textContent, place.textContent]);
            }
            return seen;
        }"""
    )
    values = traced("lstm")["forget"][1:, 0, 2]
    assert len(pairs) == len(values)
    for step, ((drawn, shown, place), value) in enumerate(zip(pairs, values, strict=True), 2):
        assert place == f"unit 2, step {step}"
        assert number(drawn.split()[-1]) == pytest.approx(float(value), abs=5.1e-3)
        assert number(shown.split()[-1]) == pytest.approx(float(value), abs=5.1e-4)


def test_bars_keep_their_order_while_stepping(open_in_tab: Opened) -> None:
    app = open_in_tab("cell=lstm&step=4&pick=forget.2")
    heads = made(app).locator("tbody tr:not(.absent) th")
    expect(heads.first).to_have_text('x "c"')
    before = heads.all_text_contents()[1:]
    for _ in range(4):
        app.press("ArrowRight")
        assert heads.all_text_contents()[1:] == before
    assert before[-1] == "sum"
    expect(heads.first).to_have_text('x "s"')


def test_a_picked_state_is_told_by_who_wrote_it(open_in_tab: Opened) -> None:
    app = open_in_tab("cell=lstm&step=9&pick=cell.3")
    sentence = made(app).locator("[data-part=sentence]")
    expect(sentence).to_contain_text("cell state")
    view = attribution(traced("lstm"), 3)
    parts = view.parts[9]
    most = int(np.abs(parts).argmax())
    shown = re.match(
        r"cell state (\S+): the largest single part, (\S+), is what is left of step (\d+) “(.+)”;"
        r" the other parts \(9\) add up to (\S+)\.",
        sentence.text_content() or "",
    )
    assert shown
    assert number(shown[1]) == pytest.approx(view.traced[9], abs=2e-3)
    assert number(shown[2]) == pytest.approx(parts[most], abs=2e-3)
    assert (int(shown[3]), shown[4]) == (most + 1, view.tokens[most])
    assert number(shown[5]) == pytest.approx(view.traced[9] - parts[most], abs=4e-3)
    bars = made(app).locator("[data-part=parts] rect")
    expect(bars).to_have_count(10)


def test_a_memory_that_one_step_wrote_has_no_other_parts(open_in_tab: Opened) -> None:
    app = open_in_tab("cell=lstm&text=hello&step=0&pick=cell.3")
    sentence = made(app).locator("[data-part=sentence]")
    expect(sentence).to_have_text(re.compile(r"cell state \S+ is what step 1 “h” wrote: "))


def test_the_weights_of_the_picked_gate_are_one_click_away(open_in_tab: Opened) -> None:
    app = open_in_tab("cell=gru&step=3&pick=update.5")
    app.page.locator(".st-key-arithmetic summary").click()
    expect(app.page.locator(".st-key-matrices .hm image").first).to_be_visible()


def test_another_cell_has_its_first_panel_picked_in_picture_and_arithmetic(
    open_in_tab: Opened,
) -> None:
    app = open_in_tab("cell=lstm&step=3&pick=forget.4")
    app.cell("GRU (paper, 2014)").click()
    app.rest()
    expect(made(app).locator(".title")).to_contain_text("Why is hidden")
    assert app.page.evaluate("rnnvizPlayheads.get('panels').signal") == "hidden"
