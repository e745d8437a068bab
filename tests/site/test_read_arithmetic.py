"""Sentences and arithmetic that the static Read page forms itself are those of the app."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

import rnnviz as rv
from rnnviz.analysis.step_sentence import step_sentences, telling_sentences
from rnnviz.analysis.unit_steps import changed_most
from rnnviz.interventions.serialise import to_dict
from rnnviz.site.networks import PageNetwork, network_parts, page_networks
from tests.site.reading import UNIT, assert_arithmetic, named_network, packed, run_of

OPEN = """([header, numbers, text, interventions]) => {
  const model = new rnnviz.PageModel(header, new Float64Array(rnnviz.bytesOf(numbers).buffer));
  const read = model.read(text);
  const run = model.run(read, interventions);
  const original = interventions.length ? model.run(read, []) : null;
  Object.assign(window, { model, run, original });
}"""
SENTENCES = "(unit) => rnnviz.unpack(model.sentencePacket(run, unit)).picked"
TELLING = "rnnviz.unpack(model.sentencePacket(run, 0)).telling"


def open_network(
    page: Page, network: PageNetwork, text: str, language: str, interventions: tuple[Any, ...] = ()
) -> None:
    header, numbers = network_parts(network, language)
    page.evaluate(OPEN, [header, packed(numbers), text, list(interventions)])


def text_for(model: rv.Model) -> str:
    if model.vocabulary is not None:
        return "".join(model.vocabulary[1:6])
    steps = ((0.1 * (step + i) - 0.2 for i in range(model.n_inputs)) for step in range(4))
    return "; ".join(" ".join(f"{number:.3g}" for number in step) for step in steps) + ";"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("network", page_networks(), ids=lambda one: one.key)
def test_sentences_and_arithmetic_are_the_apps(
    script_page: Page, network: PageNetwork, language: str
) -> None:
    text = text_for(network.model)
    trace = run_of(network, text, language)
    open_network(script_page, network, text, language)
    units = np.full(trace.sequence.n_steps, UNIT)
    told = network.answer_to(trace, language)
    wanted = step_sentences(trace, units, view=told, language=language)
    assert script_page.evaluate(SENTENCES, UNIT) == list(wanted)
    telling = telling_sentences(trace, changed_most(trace), language=language)
    assert script_page.evaluate(TELLING) == list(telling)
    if script_page.evaluate("model.arithmetic") is not None:
        assert_arithmetic(script_page, network.model, trace, language)


def test_layers_that_normalise_alone_have_no_arithmetic() -> None:
    specs = {one.key: network_parts(one, "en")[0]["arithmetic"] for one in page_networks()}
    without = [key for key, spec in specs.items() if spec is None]
    assert without == ["untrained_lstm_layer_norm"]


def test_a_text_that_moves_nothing_any_more_is_said_to(script_page: Page) -> None:
    gru = named_network("untrained_gru")
    trace = run_of(gru, 60 * "e")
    open_network(script_page, gru, 60 * "e", "en")
    said = script_page.evaluate(TELLING)
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
def test_of_a_changed_run_too(script_page: Page, change: Any) -> None:
    gru = named_network("untrained_gru")
    trace = run_of(gru, "hello", intervene=[change])
    open_network(script_page, gru, "hello", "en", (to_dict(change),))
    units = np.full(trace.sequence.n_steps, UNIT)
    assert script_page.evaluate(SENTENCES, UNIT) == list(step_sentences(trace, units))
    assert_arithmetic(script_page, gru.model, trace, "en", untouched=run_of(gru, "hello"))
