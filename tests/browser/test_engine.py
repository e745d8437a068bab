"""The engine in the page computes what NumPy computes, for every cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

import rnnviz as rv
from rnnviz.core.activations import ACTIVATIONS, activation
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Cell
from rnnviz.ui.player.component import script_text
from rnnviz.ui.player.live_network import model_spec
from tests.witnesses import Array, assert_close

STEPS, INPUTS, UNITS, PROJECTION, OUTPUTS = 12, 3, 5, 2, 4
RUN = """([header, numbers]) => {
  const { engine, inputs } = modelOf({ ...header, values: Float64Array.from(numbers) });
  const { layers, outputs } = engine.run(inputs, header.nSteps, header.interventions);
  const listed = ([name, values]) => [name, [...values]];
  const plain = (signals) => Object.fromEntries(Object.entries(signals).map(listed));
  return { layers: layers.map(plain), outputs: outputs && [...outputs] };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as opened:
        source = map(script_text, ("activations.js", "engine.js", "model_spec.js"))
        opened.add_script_tag(content="".join(source))
        yield opened


def random_layer(kind: Cell, random: np.random.Generator, **options: Any) -> rv.Layer:
    """Random weights and states, by the axes that the cell's parameters name."""
    sizes = {"unit": UNITS, "input": options.pop("n_inputs", INPUTS), "projection": PROJECTION}
    weights = {
        param.name: random.normal(0, 0.8, [sizes[axis] for axis in param.axes])
        for param in kind.params
    }
    states = {
        name: np.abs(random.normal(0, 0.5, sizes[kind.signal(name).axis])) + 0.1
        for name in kind.states
    }
    return rv.Layer(kind.name, options.pop("direction", "forward"), weights, states, **options)


def random_model(cell: str, seed: int) -> rv.Model:
    """Two levels, both directions on the first, and a readout."""
    kind, random = rv.CELLS[cell], np.random.default_rng(seed)
    wide = 2 * (PROJECTION if kind.hidden_axis == "projection" else UNITS)
    chosen = {gate: names[-1] for gate, names in kind.activations.items()} if seed else {}
    layers = (
        random_layer(kind, random),
        random_layer(kind, random, direction="backward", activations=chosen, clip=2.0),
        random_layer(kind, random, level=1, n_inputs=wide),
    )
    readout = rv.Readout(random.normal(size=(OUTPUTS, wide // 2)), random.normal(size=OUTPUTS))
    return rv.Model(layers, readout=readout)


def changes(model: rv.Model) -> list[Any]:
    """Every kind of intervention, on every layer."""
    cell = model.layers[0].cell
    gates = [gate.name for gate in cell.gates]
    bounded = [name for name in gates if cell.signal(name).high == 1]
    return [
        rv.Clamp(bounded[0], 0.25, units=(0, 2), start=3, stop=9),
        rv.Clamp(bounded[-1], 0.75, start=6, layer=1),
        rv.Clamp(bounded[0], 0.5, units=1, layer=2),
        rv.SetState("hidden", 0.5, step=4, units=1),
        rv.AddToState(cell.states[-1], 0.125, step=5, layer=1),
        rv.Reset(8),
        rv.Silence((0,), start=2, layer=2),
        rv.ChangeWeight(cell.params[0].name, (0, 1), 0.375),
    ]


def run_in_page(page: Page, model: rv.Model, values: Array, interventions: list[Any]) -> Any:
    header, numbers = model_spec(model, rv.Sequence(values[:, None]), interventions)
    return page.evaluate(RUN, [header, numbers.tolist()])


@pytest.mark.parametrize("is_changed", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_every_signal_is_numpys(page: Page, cell: str, seed: int, is_changed: bool) -> None:
    model = random_model(cell, seed)
    values = np.random.default_rng(seed + 7).normal(size=(STEPS, INPUTS))
    interventions = changes(model) if is_changed else []
    traced = rv.trace(model, values[:, None], intervene=interventions)
    found = run_in_page(page, model, values, interventions)
    for layer, signals in zip(traced.layers, found["layers"], strict=True):
        for name, expected in layer.signals.items():
            assert_close(np.reshape(signals[name], expected[:, 0].shape), expected[:, 0], 1e-12)
    outputs = np.reshape(found["outputs"], (STEPS, OUTPUTS))
    assert_close(outputs, traced.outputs[:, 0], 1e-12)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_every_activation_is_numpys(page: Page, name: str) -> None:
    at = np.concatenate([np.linspace(-30, 30, 241), [-800.0, 700.0, 0.5, -2.5, 2.5]])
    wanted = activation(name, get_backend())(at)
    found = page.evaluate("([name, at]) => at.map(ACTIVATIONS[name]())", [name, at.tolist()])
    np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-15)
