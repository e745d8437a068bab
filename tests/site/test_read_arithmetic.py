"""Sentences and arithmetic that the static Read page forms itself are those of the app."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

import rnnviz as rv
from rnnviz.analysis.step_sentence import step_sentences, telling_sentences
from rnnviz.analysis.unit_steps import changed_most
from rnnviz.figures.theme import Look
from rnnviz.interventions.serialise import to_dict
from rnnviz.site.read import PageNetwork, network_parts, page_networks
from rnnviz.train.tasks import TASKS
from rnnviz.ui.named_rows import input_name
from rnnviz.ui.player.arithmetic import arithmetic_packet
from rnnviz.ui.player.packet import packet_header, packet_numbers
from rnnviz.ui.player.read_page import page_script
from tests.browser.live import in_double

UNIT = 3
OPEN = """([header, numbers, text, interventions]) => {
  const model = new rnnviz.PageModel(header, new Float64Array(rnnviz.bytesOf(numbers).buffer));
  const read = model.read(text);
  const run = model.run(read, interventions);
  const original = interventions.length ? model.run(read, []) : null;
  Object.assign(window, { model, run, original });
}"""
SENTENCES = "(unit) => rnnviz.unpack(model.sentencePacket(run, unit)).picked"
TELLING = "rnnviz.unpack(model.sentencePacket(run, 0)).telling"
ARITHMETIC = """([signal, unit]) => {
  const { values, ...header } = rnnviz.unpack(model.arithmeticPacket(run, original, signal, unit));
  return [header, [...values]];
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.add_script_tag(content=page_script())
    yield opened
    opened.close()


def open_network(
    page: Page, network: PageNetwork, text: str, language: str, interventions: tuple[Any, ...] = ()
) -> None:
    header, numbers = network_parts(network, language)
    packed = base64.b64encode(numbers.astype("<f8").tobytes()).decode()
    page.evaluate(OPEN, [header, packed, text, list(interventions)])


def text_for(model: rv.Model) -> str:
    if model.vocabulary is not None:
        return "".join(model.vocabulary[1:6])
    steps = ((0.1 * (step + i) - 0.2 for i in range(model.n_inputs)) for step in range(4))
    return "; ".join(" ".join(f"{number:.3g}" for number in step) for step in steps) + ";"


def run_of(network: PageNetwork, text: str, language: str = "en", **options: Any) -> rv.Trace:
    kind = "characters" if network.model.vocabulary is not None else "numbers"
    read = rv.parse(text, kind=kind)
    if kind == "numbers":
        own = TASKS[network.task].features
        read = replace(read, features=[input_name(name, network.task, language) for name in own])
    return rv.trace(in_double(network.model), read, **options)


def assert_arithmetic(
    page: Page, network: PageNetwork, trace: rv.Trace, language: str, **options: Any
) -> None:
    """Of each gate and state the page packs what Python packs: every text and every number."""
    cell, n_steps = trace.layers[0].cell, trace.sequence.n_steps
    for signal in (*(gate.name for gate in cell.gates), *cell.states):
        if cell.signal(signal).axis != "unit":
            continue
        packet = arithmetic_packet(
            in_double(network.model),
            trace,
            range(n_steps),
            layer=0,
            signal=signal,
            unit=UNIT,
            name="",
            playhead="",
            look=Look(language),
            **options,
        )
        wanted = packet_header(packet)
        header, values = page.evaluate(ARITHMETIC, [signal, UNIT])
        apart = ("trace", "playhead")
        assert {k: header[k] for k in wanted if k not in apart} == {
            k: v for k, v in wanted.items() if k not in apart
        }
        # Python packs them in float32.
        np.testing.assert_allclose(values, packet_numbers(packet), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("network", page_networks(), ids=lambda one: one.key)
def test_sentences_and_arithmetic_are_the_apps(
    page: Page, network: PageNetwork, language: str
) -> None:
    text = text_for(network.model)
    trace = run_of(network, text, language)
    open_network(page, network, text, language)
    units = np.full(trace.sequence.n_steps, UNIT)
    told = network.answer_to(trace, language)
    wanted = step_sentences(trace, units, view=told, language=language)
    assert page.evaluate(SENTENCES, UNIT) == list(wanted)
    telling = telling_sentences(trace, changed_most(trace), language=language)
    assert page.evaluate(TELLING) == list(telling)
    if page.evaluate("model.arithmetic") is not None:
        assert_arithmetic(page, network, trace, language)


def test_layers_that_normalise_alone_have_no_arithmetic() -> None:
    specs = {one.key: network_parts(one, "en")[0]["arithmetic"] for one in page_networks()}
    without = [key for key, spec in specs.items() if spec is None]
    assert without == ["untrained_lstm_layer_norm"]


def test_a_text_that_moves_nothing_any_more_is_said_to(page: Page) -> None:
    network = next(one for one in page_networks() if one.key == "untrained_gru")
    trace = run_of(network, 60 * "e")
    open_network(page, network, 60 * "e", "en")
    said = page.evaluate(TELLING)
    assert said == list(telling_sentences(trace, changed_most(trace)))
    assert said[0].startswith("Changed most: ")
    assert said[-1].startswith("Nothing visible changes at this step")


@pytest.mark.parametrize(
    "change",
    [
        rv.Clamp("update", 0.5, units=(UNIT,)),
        rv.Silence((UNIT,), start=2),
        rv.SetState("hidden", 0.7, 1),
        rv.AddToState("hidden", -0.2, 2),
        rv.Reset(2),
    ],
    ids=lambda one: type(one).__name__,
)
def test_of_a_changed_run_too(page: Page, change: Any) -> None:
    network = next(one for one in page_networks() if one.key == "untrained_gru")
    trace = run_of(network, "hello", intervene=[change])
    open_network(page, network, "hello", "en", (to_dict(change),))
    units = np.full(trace.sequence.n_steps, UNIT)
    assert page.evaluate(SENTENCES, UNIT) == list(step_sentences(trace, units))
    assert_arithmetic(page, network, trace, "en", untouched=run_of(network, "hello"))
