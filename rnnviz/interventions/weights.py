"""A model with some of its weights changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import InputError
from rnnviz.interventions.types import ChangeWeight, Intervention
from rnnviz.interventions.validate import check_name, layer_of
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout

_READOUT = {"readout.V": "weights", "readout.d": "bias"}


def reweighted(model: Model, interventions: Iterable[Intervention]) -> Model:
    """The model with every ChangeWeight made; the same object where there is none.

    Raises InputError for a weight or a place in it that the model does not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", n_inputs=1, n_units=2)
    >>> changed = reweighted(model, [ChangeWeight("hidden.h", (0, 1), 0.5)])
    >>> float(changed.layers[0].weights["hidden.h"][0, 1])
    0.5
    """
    for one in interventions:
        if isinstance(one, ChangeWeight):
            model = _changed(model, one)
    return model


def _changed(model: Model, one: ChangeWeight) -> Model:
    if model.readout is not None and one.param in _READOUT:
        return replace(model, readout=_of_readout(model.readout, one, model))
    own = layer_of(model, one, one.layer)
    layers = [_of_layer(y, one, model) if y is own else y for y in model.layers]
    return replace(model, layers=tuple(layers))


def _of_readout(readout: Readout, one: ChangeWeight, model: Model) -> Readout:
    part = _READOUT[one.param]
    changed: Any = {part: _set(getattr(readout, part), one, model)}
    return replace(readout, **changed)


def _of_layer(own: Layer, one: ChangeWeight, model: Model) -> Layer:
    params = {param.name: param for param in own.cell.params}
    known = (*params, *(_READOUT if model.readout is not None else ()))
    check_name(one, own, "weights", one.param, known)
    # A weight that the layer does not have counts as zeros.
    shape = tuple(own.sizes[axis] for axis in params[one.param].axes)
    weights = own.weights.get(one.param, np.zeros(shape))
    return replace(own, weights={**own.weights, one.param: _set(weights, one, model)})


def _set(array: Array, one: ChangeWeight, model: Model) -> Array:
    index: Any = one.index
    if len(index) != array.ndim or any(i >= n for i, n in zip(index, array.shape, strict=False)):
        raise InputError(
            "ChangeWeight: {param} is {shape} (counted from 0), but the place {came} was asked"
            " for.",
            param=one.param,
            shape=array.shape,
            came=index,
        )
    # In the type that all is computed in, whatever the file stored.
    changed = array.astype(model.dtype)
    changed[index] = one.value
    return changed
