"""What tests of the page's own network share: numbers that the page shows, messages sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.formatting import token_label
from tests.browser.explore import Explore, box_of, stays

Array = np.ndarray[Any, np.dtype[np.float64]]

# Counts from when the page, which tells the server where it stands, has been silent for a while.
COUNT_MESSAGES = """async () => {
  window.sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...message) {
    window.sent += 1;
    return send.apply(this, message);
  };
  for (let before = -1; before !== window.sent; ) {
    before = window.sent;
    await new Promise((done) => setTimeout(done, 600));
  }
  window.sent = 0;
}"""
# A letter goes to the server when the typing pauses, which a busy machine may take for a pause.
HOLD_MESSAGES = """() => {
  const send = WebSocket.prototype.send;
  const held = [];
  WebSocket.prototype.send = function (...message) {
    held.push(() => send.apply(this, message));
  };
  window.release = () => {
    WebSocket.prototype.send = send;
    held.forEach((one) => one());
  };
}"""
VALUES = """() => {
  const playhead = rnnvizPlayheads.get("panels");
  const { signals } = playhead.traces.get("panels");
  const length = playhead.lengthOf("panels");
  return Object.fromEntries([...signals.keys()].map((name) => [
    name,
    Array.from({ length }, (_, step) => [...playhead.valuesAt("panels", name, step)]).flat(),
  ]));
}"""
UNITS = """() => Object.fromEntries(
  [...rnnvizPlayheads.get("panels").traces.get("panels").signals].map(
    ([name, { units }]) => [name, units],
  ),
)"""
TRACE = '() => rnnvizPlayheads.get("panels").traces.get("panels").trace'
NEW_TRACE = f"(before) => ({TRACE})() !== before"
TRIED = '() => rnnvizPlayheads.get("panels").triedOf("panels") !== null'
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Where an element stands that was scrolled to; null outside the window.
IN_VIEW = """(
    one.scrollIntoView({ block: "center" }),
    (({ top }) => (top > 0 && top < innerHeight ? top : null))(one.getBoundingClientRect())
)"""
NOT_TRIED = '() => rnnvizPlayheads.get("panels").triedOf("panels") === null'


def values(app: Explore) -> dict[str, list[float]]:
    """The numbers that the page shows, by signal."""
    found: dict[str, list[float]] = app.page.evaluate(VALUES)
    return found


def trace_name(app: Explore) -> str:
    """The name of the trace that the server sent last."""
    return str(app.page.evaluate(TRACE))


def expect_served(app: Explore, before: str) -> None:
    """Wait until the server's trace, another than before, has taken the place of the page's own."""
    app.page.wait_for_function(NEW_TRACE, arg=before)
    app.page.wait_for_function(NOT_TRIED)
    expect(app.page.locator(".rnnviz-tried")).to_have_count(0)


def drag_slider(app: Explore, name: str, by: float) -> float:
    """Press a slider's thumb and move it, without letting go; the value at which it then stands.

    name  of the slider's container.
    """
    expect(app.page.locator(f"[data-sliders~={name}]")).to_be_attached()
    app.page.wait_for_function("() => rnnvizLiveNetworks.has('panels')")
    slider = app.page.locator(f".st-key-{name}").get_by_role("slider")
    # An unfolded group still grows, so that its end cannot be reached yet.
    app.lie_still()
    slider.evaluate(stays(IN_VIEW))
    box = box_of(slider)
    height = box.top + box.height / 2
    app.page.mouse.move(box.left + box.width / 2, height)
    app.page.mouse.down()
    for part in (0.3, 0.6, 1.0):
        app.page.mouse.move(box.left + box.width / 2 + by * part, height)
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    # What a move changes is computed in the next frame.
    app.page.evaluate(FRAMES)
    return float(slider.input_value())


def by_unit(app: Explore) -> dict[tuple[str, str], list[float]]:
    """The same by signal and unit: another trace may show its units in another order."""
    units: dict[str, list[str]] = app.page.evaluate(UNITS)
    return {
        (name, unit): numbers[row :: len(units[name])]
        for name, numbers in values(app).items()
        for row, unit in enumerate(units[name])
    }


def same(one: list[float], other: Any) -> bool:
    """Equal within the rounding of a trace and of a message in float32."""
    return one == pytest.approx(other, abs=1e-5)


def in_double(model: rv.Model) -> rv.Model:
    """The model in float64, in which the page computes; a trace has the type of the weights."""
    layers = tuple(
        replace(one, weights={name: array.astype(float) for name, array in one.weights.items()})
        for one in model.layers
    )
    return replace(model, layers=layers)


def assert_numpys(app: Explore, trace: rv.Trace, layer: int = 0) -> None:
    """What the page computed itself is what NumPy computes."""
    found = by_unit(app)
    signals = trace.layers[layer].signals
    apart = {"inputs": (trace.sequence.values, trace.sequence.features)}
    if trace.output_names:
        apart[trace.output_signal] = (trace.outputs, trace.output_names)
    for (name, unit), numbers in found.items():
        array, names = apart.get(name) or (signals[name], range(signals[name].shape[2]))
        wanted = array[:, 0, [token_label(str(one)) for one in names].index(unit)]
        np.testing.assert_allclose(numbers, wanted, rtol=0, atol=1e-9, err_msg=name)
    assert {name for name, _ in found} >= {*signals, "inputs"}
