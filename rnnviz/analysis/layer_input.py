"""What a layer reads at every step while it is looked at under a constant input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.analysis.visited_states import read_by_layer
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.readers.torch.numbers import as_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def layer_input(model: Model, run: Trace, layer: int, came: ArrayLike | str | None) -> Array:
    """The input (input,) of a layer: what was given, or by default zeros.

    run   of which the mean is read by a layer of a higher level where nothing is given.
    came  numbers, or a token that the model knows, for a layer of the lowest level.

    Raises InputError for another token, and for what is not as many finite numbers.
    """
    one = model.layers[layer]
    if came is None and one.level == 0:
        return np.zeros(one.n_inputs)
    if came is None:
        return np.asarray(read_by_layer(model, run, layer).mean(axis=0))
    if isinstance(came, str):
        return _of_token(model, one.level, came)
    values = as_array(came)
    is_number = values.dtype.kind in "biuf"
    if not is_number or values.shape != (one.n_inputs,) or not np.isfinite(values).all():
        raise InputError(
            "The layer reads {wanted} finite numbers at a step, but {came} came.",
            wanted=one.n_inputs,
            came=shown(came),
        )
    return np.asarray(values, np.float64)


def _of_token(model: Model, level: int, token: str) -> Array:
    if level > 0 or model.vocabulary is None or token not in model.vocabulary:
        raise InputError(
            "“{token}” is no token that this layer reads; give its input as numbers.",
            token=shown(token),
        )
    number = model.vocabulary.index(token)
    if model.embedding is not None:
        return np.asarray(model.embedding[number], np.float64)
    return np.asarray(np.eye(model.n_inputs)[number])
