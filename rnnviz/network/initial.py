"""Initial states given to a model that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


def start_from(model: Model, initial: Mapping[str, Any]) -> Model:
    """The model with given initial states in place of its layers' own.

    initial  by state: (layer, batch, unit) in the model's order of layers; a list of one array a
             layer; or, for a model of one layer, (unit,) or (batch, unit). A layer without such a
             state starts as before.

    Raises ModelError for a state of no layer and for states that do not fit.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> start_from(model, {"hidden": [0.5, -0.5]}).layers[0].initial["hidden"]
    array([ 0.5, -0.5])
    """
    known = dict.fromkeys(name for layer in model.layers for name in layer.cell.states)
    for name in initial:
        if name not in known:
            raise ModelError(
                "The states of this model are {known}, but an initial one for {came} came.",
                known=", ".join(known),
                came=name,
            )
    by_layer = {name: _by_layer(name, value, len(model.layers)) for name, value in initial.items()}
    layers = (_started(layer, i, by_layer) for i, layer in enumerate(model.layers))
    return replace(model, layers=tuple(layers))


def _started(layer: Layer, index: int, by_layer: Mapping[str, list[Array]]) -> Layer:
    own = {name: arrays[index] for name, arrays in by_layer.items() if name in layer.cell.states}
    return replace(layer, initial={**layer.initial, **own})


def _by_layer(name: str, value: Any, n_layers: int) -> list[Array]:
    given = _arrays(value)
    if n_layers == 1 and isinstance(given, np.ndarray) and given.ndim in (1, 2):
        return [given]
    arrays = [np.asarray(part) for part in given]
    if len(arrays) == n_layers and all(array.ndim in (1, 2) for array in arrays):
        return arrays
    raise ModelError(
        "Initial states are (layer, batch, unit) for the {n_layers} layers of this model, but"
        " {name} is {came}.",
        n_layers=n_layers,
        name=name,
        came=" + ".join(str(array.shape) for array in arrays),
    )


def _arrays(value: Any) -> Array | list[Array]:
    """One array, or an array a layer where their sizes differ."""
    try:
        return np.atleast_1d(np.asarray(value))
    except ValueError:
        return [np.asarray(part) for part in value]
