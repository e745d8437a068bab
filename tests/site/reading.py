"""What tests of the static Read page share: the numbers that it has, and NumPy's."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

import rnnviz as rv
from rnnviz.figures.theme import Look
from rnnviz.site.networks import PageNetwork, page_networks
from rnnviz.train.tasks import TASKS
from rnnviz.ui.named_rows import input_name
from rnnviz.ui.player.arithmetic import arithmetic_packet
from rnnviz.ui.player.packet import packet_header, packet_numbers
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

UNIT = 3
ARITHMETIC = """([signal, unit]) => {
  const { values, ...header } = rnnviz.unpack(model.arithmeticPacket(run, original, signal, unit));
  return [header, [...values]];
}"""


def check_numbers(
    page: Page, model: rv.Model, text: str, layer: int = 0, **options: Any
) -> rv.Trace:
    """The page has the numbers of a layer of this model's run on this text."""
    kind = "characters" if model.vocabulary is not None else "numbers"
    trace = rv.trace(in_double(model), rv.parse(text, kind=kind), **options)
    expect(page.locator("[data-part=slider]")).to_have_attribute("max", str(trace.sequence.n_steps))
    outputs = [trace.output_signal] if trace.output_names else []
    page.wait_for_function(HAS, arg=[*trace.layers[layer].signals, *outputs])
    wanted = {name: values[:, 0] for name, values in trace.layers[layer].signals.items()}
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


def named_network(key: str) -> PageNetwork:
    return next(one for one in page_networks() if one.key == key)


def network_of(key: str) -> rv.Model:
    return named_network(key).model


def packed(numbers: Any) -> str:
    """Numbers as `rnnviz.bytesOf` reads them."""
    return base64.b64encode(numbers.astype("<f8").tobytes()).decode()


def run_of(one: PageNetwork, text: str, language: str = "en", **options: Any) -> rv.Trace:
    """NumPy's run of a network in the page's precision, with the page's names of its inputs."""
    kind = "characters" if one.model.vocabulary is not None else "numbers"
    read = rv.parse(text, kind=kind)
    if kind == "numbers":
        own = TASKS[one.task].features
        read = replace(read, features=[input_name(name, one.task, language) for name in own])
    return rv.trace(in_double(one.model), read, **options)


def assert_arithmetic(
    page: Page,
    model: rv.Model,
    trace: rv.Trace,
    language: str,
    layer: int = 0,
    untouched: rv.Trace | None = None,
) -> None:
    """Of each gate and state the window's `model` packs what Python packs: texts and numbers."""
    cell, n_steps = trace.layers[layer].cell, trace.sequence.n_steps
    for signal in (*(gate.name for gate in cell.gates), *cell.states):
        if cell.signal(signal).axis != "unit":
            continue
        packet = arithmetic_packet(
            in_double(model),
            trace,
            range(n_steps),
            layer=layer,
            signal=signal,
            unit=UNIT,
            name="",
            playhead="",
            look=Look(language),
            untouched=untouched,
        )
        wanted = packet_header(packet)
        header, values = page.evaluate(ARITHMETIC, [signal, UNIT])
        apart = ("trace", "playhead")
        assert {k: header[k] for k in wanted if k not in apart} == {
            k: v for k, v in wanted.items() if k not in apart
        }
        # Python packs them in float32.
        np.testing.assert_allclose(values, packet_numbers(packet), rtol=1e-6, atol=1e-7)
