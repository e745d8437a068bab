"""Changes of single weights, applied to a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import InputError
from rnnviz.interventions.types import ChangeWeight, Intervention
from rnnviz.interventions.validate import check_name, find_layer
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout

_READOUT = {"readout.V": "weights", "readout.d": "bias"}


def apply_weight_changes(model: Model, interventions: Iterable[Intervention]) -> Model:
    """A model with every ChangeWeight applied; the same object where there is none.

    Raises InputError for a weight or an index in it that the model does not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", n_inputs=1, n_units=2)
    >>> changed = apply_weight_changes(model, [ChangeWeight("hidden.h", (0, 1), 0.5)])
    >>> float(changed.layers[0].weights["hidden.h"][0, 1])
    0.5
    """
    for intervention in interventions:
        if isinstance(intervention, ChangeWeight):
            model = _changed(model, intervention)
    return model


def _changed(model: Model, change: ChangeWeight) -> Model:
    if model.readout is not None and change.param in _READOUT:
        return replace(model, readout=_changed_readout(model.readout, change, model))
    target = find_layer(model, change, change.layer)
    layers = [
        _changed_layer(layer, change, model) if layer is target else layer for layer in model.layers
    ]
    return replace(model, layers=tuple(layers))


def _changed_readout(readout: Readout, change: ChangeWeight, model: Model) -> Readout:
    field = _READOUT[change.param]
    changed: Any = {field: _with_entry(getattr(readout, field), change, model)}
    return replace(readout, **changed)


def _changed_layer(layer: Layer, change: ChangeWeight, model: Model) -> Layer:
    params = layer.cell.params_by_name
    known = (*params, *(_READOUT if model.readout is not None else ()))
    check_name(change, layer, "weights", change.param, known)
    # A weight that the layer leaves out counts as zeros.
    shape = tuple(layer.sizes[axis] for axis in params[change.param].axes)
    array = layer.weights.get(change.param, np.zeros(shape))
    return replace(
        layer, weights={**layer.weights, change.param: _with_entry(array, change, model)}
    )


def _with_entry(array: Array, change: ChangeWeight, model: Model) -> Array:
    index: Any = change.index
    if len(index) != array.ndim or any(i >= n for i, n in zip(index, array.shape, strict=False)):
        raise InputError(
            "ChangeWeight: {param} is {shape} (counted from 0), but the place {came} was asked"
            " for.",
            param=change.param,
            shape=array.shape,
            came=index,
        )
    # In the type that everything is computed in, whatever the file stored.
    changed = array.astype(model.dtype)
    changed[index] = change.value
    return changed
