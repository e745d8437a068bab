"""What tests of the static Read page share: the numbers that it has, and NumPy's."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

import rnnviz as rv
from rnnviz.site.read import page_networks
from tests.browser.live import in_double

# All numbers that the page has of a signal, (step, unit).
NUMBERS = """(signal) => {
  const playhead = rnnvizPlayheads.get("panels");
  const at = (step) => [...playhead.valuesAt("panels", signal, step)];
  return Array.from({ length: playhead.length }, (_, step) => at(step));
}"""

# Whether the page has these signals: a network that was just chosen comes a frame later.
HAS = """(signals) => signals.every((one) =>
  rnnvizPlayheads.get("panels")?.traces.get("panels")?.signals.has(one))"""


def check_numbers(page: Page, model: rv.Model, text: str, **options: Any) -> rv.Trace:
    """The page has the numbers of this model's run on this text."""
    kind = "characters" if model.vocabulary is not None else "numbers"
    trace = rv.trace(in_double(model), rv.parse(text, kind=kind), **options)
    expect(page.locator("[data-part=slider]")).to_have_attribute("max", str(trace.sequence.n_steps))
    outputs = [trace.output_signal] if trace.output_names else []
    page.wait_for_function(HAS, arg=[*trace.layers[0].signals, *outputs])
    wanted = {name: values[:, 0] for name, values in trace.layers[0].signals.items()}
    if trace.output_names:
        wanted[trace.output_signal] = trace.outputs[:, 0]
    # Two networks may have the same signals: the numbers of the one that was chosen come later.
    for _ in range(50):
        with suppress(AssertionError):
            assert_numbers(page, wanted)
            return trace
        page.wait_for_timeout(50)
    assert_numbers(page, wanted)
    return trace


def assert_numbers(page: Page, wanted: dict[str, Any]) -> None:
    for name, values in wanted.items():
        np.testing.assert_allclose(page.evaluate(NUMBERS, name), values, rtol=1e-11, atol=1e-12)


def network_of(key: str) -> rv.Model:
    return next(one.model for one in page_networks() if one.key == key)
