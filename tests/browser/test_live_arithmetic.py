"""The arithmetic follows the hand: the page works it out itself until the server's own is there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import rnnviz as rv
from rnnviz.analysis.attribution import memory_flow
from rnnviz.analysis.contributions import contributions
from rnnviz.formatting import format_number
from rnnviz.network.random_model import random_model
from tests.browser.explore import Explore
from tests.browser.live import COUNT_MESSAGES, expect_served, in_double, trace_name
from tests.browser.test_live_drag import drag

TEXT, STEP, UNIT = "the cat", 4, 3
# What the page works out of the picked number: labels of the rows, and all numbers.
WORKED_OUT = """() => {
  const { signal, unit, time } = rnnvizPlayheads.get("panels");
  const { rows, values, numbers, before } =
    rnnvizPlayheads.get("panels").triedOf("panels").arithmetic(signal, unit, time);
  return { labels: rows.map(({ labels }) => labels[0]), values: [...values], numbers, before };
}"""


@pytest.fixture
def app(newcomer: Explore) -> Explore:
    """The tab, in which every test opens its own network."""
    return newcomer


def made(app: Explore, part: str) -> Locator:
    return app.page.locator(f".st-key-made [data-part={part}]")


def open_picked(app: Explore, cell: str, pick: str) -> rv.Model:
    app.open(urlencode({"cell": cell, "text": TEXT, "step": STEP, "pick": f"{pick}.{UNIT}"}))
    expect(made(app, "number")).to_contain_text("0")
    app.page.wait_for_function("() => rnnvizLiveNetworks.has('panels')")
    app.page.evaluate(COUNT_MESSAGES)
    return in_double(random_model(cell, len({*TEXT}), 16, seed=7, init="xavier", gain=3))


def worked_out(app: Explore, model: rv.Model, gate: str) -> tuple[Any, rv.Trace]:
    """What the page works out while a gate is held by hand, and NumPy's run of the same."""
    value = float(app.page.locator(f'[data-gate="{gate}"]').get_attribute("aria-valuenow") or "")
    held = app.page.evaluate("rnnvizLiveNetworks.get('panels').intervention.value")
    assert held == pytest.approx(value, abs=5e-3)
    trace = rv.trace(model, rv.parse(TEXT), intervene=[rv.Clamp(gate, held)])
    return app.page.evaluate(WORKED_OUT), trace


@pytest.mark.parametrize("cell", ["lstm", "gru", "gru_reset_after"])
def test_a_dragged_gate_is_told_with_its_own_summands(app: Explore, cell: str) -> None:
    gate = {"lstm": "forget"}.get(cell, "reset")
    model = open_picked(app, cell, gate)
    drag(app, gate, 0.1)
    expect(made(app, "place")).to_contain_text("held")
    found, trace = worked_out(app, model, gate)
    assert app.page.evaluate("window.sent") == 0
    weights = model.layers[0].weights
    hidden, read = trace["hidden"][STEP - 1, 0], trace.sequence.values[STEP, 0]
    summed = weights[f"{gate}.x"][UNIT] @ read + weights[f"{gate}.h"][UNIT] @ hidden
    assert found["values"][-1] == pytest.approx(summed, abs=1e-9)
    terms = contributions(model, trace, layer=0, gate=gate, unit=UNIT, time=STEP).terms
    wanted = {f"h unit {one.name}": one.value for one in terms if one.kind == "unit"}
    units = {k: v for k, v in zip(found["labels"], found["values"], strict=False) if k in wanted}
    assert len(units) == 5
    assert units == pytest.approx({k: wanted[k] for k in units}, abs=1e-9)
    untouched = rv.trace(model, rv.parse(TEXT))[gate][STEP, 0, UNIT]
    assert found["before"] == [format_number(float(untouched))]
    expect(made(app, "untouched")).to_contain_text(found["before"][0])


def test_a_state_is_told_by_who_wrote_it_in_this_very_run(app: Explore) -> None:
    model = open_picked(app, "lstm", "cell")
    before = made(app, "sentence").inner_text()
    drag(app, "forget", 0.2)
    # The drawing has picked its gate; back to the state, the hand still down.
    app.page.evaluate("rnnvizPlayheads.get('panels').setSignal('cell')")
    found, trace = worked_out(app, model, "forget")
    flow = memory_flow(trace, UNIT)
    wanted = np.concatenate([flow.kept, flow.written, flow.by_hand])
    np.testing.assert_allclose(found["values"], wanted, rtol=0, atol=1e-9)
    shown = format_number(float(trace["cell"][STEP, 0, UNIT]))
    expect(made(app, "number")).to_contain_text(shown)
    expect(made(app, "lines").locator("p").first).to_contain_text(f"= {shown}")
    assert made(app, "sentence").inner_text() != before
    assert app.page.evaluate("window.sent") == 0


def test_at_rest_the_servers_numbers_stand_where_the_pages_stood(app: Explore) -> None:
    open_picked(app, "gru", "update")
    drag(app, "update", 0.3)
    expect(made(app, "place")).to_contain_text("held")
    parts = ("number", "place", "untouched", "made", "lines")
    moved = {part: made(app, part).inner_text() for part in parts}
    trace = trace_name(app)
    app.page.mouse.up()
    expect_served(app, trace)
    app.expect_address("do=")
    app.rest()
    assert {part: made(app, part).inner_text() for part in parts} == moved


def test_a_typed_text_is_told_before_the_server_reads_it(app: Explore) -> None:
    app.open(urlencode({"model": "preset:languages_gru", "says": "Schneider", "pick": "update.3"}))
    expect(made(app, "number")).to_contain_text("0")
    app.page.wait_for_function("() => rnnvizLiveNetworks.has('panels')")
    app.page.evaluate(COUNT_MESSAGES)
    app.text.first.click()
    app.press("End")
    app.press("x")
    expect(made(app, "rows").locator("th").first).to_have_text('x "x"')
    assert app.page.evaluate("window.sent") == 0
    expect(made(app, "place")).to_have_text("unit 3, step 10")
