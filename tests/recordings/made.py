"""Models and recordings that several tests share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import rnnviz as rv
from tests.witnesses import normal


def stack(cell: str, n_layers: int = 2, *, n_inputs: int = 3, both: bool = True) -> rv.Model:
    """A float64 stack of 5 units with a readout of 4 outputs and random states to start from."""
    model = rv.random_model(cell, n_inputs, 5, n_layers, bidirectional=both)

    def drawn(number: int, layer: rv.Layer) -> rv.Layer:
        named = layer.weights.items()
        weights = {
            name: normal(*array.shape, seed=100 * number + i) * 0.6
            for i, (name, array) in enumerate(named)
        }
        states = {
            name: np.abs(normal(layer.width(name), seed=number)) + 0.1 for name in layer.cell.states
        }
        return replace(layer, weights=weights, initial=states)

    readout = rv.Readout(normal(4, model.n_outputs), normal(4))
    layers = tuple(drawn(i, layer) for i, layer in enumerate(model.layers))
    return replace(model, layers=layers, readout=readout)


def recorded(model: rv.Model, given: Any, place: Path, **options: Any) -> rv.Recording:
    """A recording in a folder of its own, opened again from disk."""
    rv.record(model, given, place / "recorded", **options)
    return rv.Recording.load(place / "recorded")


def assert_window(
    window: rv.Trace, whole: rv.Trace, start: int, stop: int, tolerance: float = 1e-12
) -> None:
    """The window holds what the whole trace, computed in memory, holds at those steps."""
    assert (window.start, window.whole) == (start, whole.sequence.n_steps)
    assert window.sequence.tokens[0] == whole.sequence.tokens[0][start:stop]
    assert window.sequence.features == whole.sequence.features
    assert window.sequence.encoding == whole.sequence.encoding
    assert window.output_names == whole.output_names
    values = whole.sequence.values[start:stop]
    np.testing.assert_allclose(window.sequence.values, values, rtol=0, atol=0)
    outputs = whole.outputs[start:stop]
    np.testing.assert_allclose(window.outputs, outputs, rtol=0, atol=tolerance)
    for layer, other in zip(window.layers, whole.layers, strict=True):
        _assert_layer(layer, other, start, stop, tolerance)


def _assert_layer(
    layer: rv.LayerTrace, other: rv.LayerTrace, start: int, stop: int, tolerance: float
) -> None:
    assert list(layer.signals) == list(other.signals)
    for name, array in layer.signals.items():
        wanted = other.signals[name][start:stop]
        np.testing.assert_allclose(array, wanted, rtol=0, atol=tolerance)
    last = stop - 1 if other.direction == "forward" else start
    for name, before in other.before.items():
        np.testing.assert_allclose(layer.before[name], before[start:stop], atol=tolerance)
        np.testing.assert_allclose(
            layer.final[name], other.signals[name][last], rtol=0, atol=tolerance
        )
