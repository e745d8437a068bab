"""States that a layer visits while its model reads: where a search begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import sequence_for_model, trace
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.network.model import Model

_ROWS, _STEPS, _SETTLED = 32, 60, 5
_MOST_NUMBERS = 20_000_000  # that are drawn for a wide input


def runs(model: Model, sequence: Any, generator: np.random.Generator) -> Trace:
    """A run of the model on a sequence, or, for None, on drawn inputs.

    Numbers are drawn as rare pulses of ±1 in half of the rows and of normal height in the other,
    with nothing between them; tokens evenly.
    """
    if sequence is not None:
        return trace(model, sequence_for_model(sequence, model))
    n_rows = int(np.clip(_MOST_NUMBERS // (_STEPS * model.n_inputs), 1, _ROWS))
    return trace(_for_rows(model, n_rows), _drawn(model, n_rows, generator))


def visited_states(run: LayerTrace, is_real: Array, *, settled: bool = True) -> Array:
    """Joined states (place, state) of a layer at the steps of all rows, in float64.

    settled  leaves out each row's first steps where it has more.
    """
    joined = np.concatenate([run.signals[name] for name in run.cell.states], axis=2)
    is_late = np.arange(len(joined))[:, None] >= _SETTLED
    chosen = is_real & is_late if settled and (is_real & is_late).any() else is_real
    return np.asarray(joined[chosen], np.float64)


def read_by_layer(model: Model, run: Trace, layer: int) -> Array:
    """What a layer reads at the real steps of a run, (place, input), in float64."""
    level = model.layers[layer].level
    if level == 0:
        return np.asarray(run.sequence.values[run.sequence.is_real], np.float64)
    below = [one.signals["hidden"] for one in run.layers if one.level == level - 1]
    return np.asarray(np.concatenate(below, axis=2)[run.sequence.is_real], np.float64)


def _for_rows(model: Model, n_rows: int) -> Model:
    """The model with the initial states of its own rows, over and over, for the drawn ones."""
    layers = []
    for layer in model.layers:
        states = {
            n: a if a.ndim == 1 else np.resize(a, (n_rows, a.shape[1]))
            for n, a in layer.initial.items()
        }
        layers.append(replace(layer, initial=states))
    return replace(model, layers=tuple(layers))


def _drawn(model: Model, n_rows: int, generator: np.random.Generator) -> Sequence:
    shape = (_STEPS, n_rows)
    if model.embedding is not None:
        return Sequence(model.embedding[generator.integers(len(model.embedding), size=shape)])
    if model.vocabulary is not None:
        return Sequence(np.eye(model.n_inputs)[generator.integers(model.n_inputs, size=shape)])
    height = generator.standard_normal((*shape, model.n_inputs))
    height[:, ::2] = np.sign(height[:, ::2])
    return Sequence(height * (generator.random(height.shape) < 0.1))
