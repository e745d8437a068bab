"""Recurrent layers of Keras 1, an array for each gate ▶ the stacked arrays of Keras 2.

`preprocess_weights_for_loading` in Keras 2, keras/engine/saving.py: kernels stand side by side, an
LSTM's gates as i, f, c, o and a GRU's as z, r, h.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError

_NAME = re.compile(r"(?P<cell>.*)_(?P<role>[WUb])_(?P<gate>[ifcozrh])(?::0)?", re.DOTALL)
_ROLES = {"W": "kernel", "U": "recurrent_kernel", "b": "bias"}
_GATES = ("ifco", "zrh")

_Names = Mapping[str, tuple[str, ...]]


def as_keras_2(names: _Names, arrays: Mapping[str, Array]) -> tuple[_Names, Mapping[str, Array]]:
    """The layers' names and the arrays, those of recurrent layers of Keras 1 stacked.

    Raises ModelError where the arrays of a layer's gates do not fit each other.
    """
    stacked = {layer: _stacked(layer, inside, arrays) for layer, inside in names.items()}
    found = {layer: made for layer, made in stacked.items() if made}
    joined = {name: array for made in found.values() for name, array in made.items()}
    return {**names, **{layer: tuple(made) for layer, made in found.items()}}, {**arrays, **joined}


def _stacked(layer: str, inside: tuple[str, ...], arrays: Mapping[str, Array]) -> dict[str, Array]:
    cells: dict[str, dict[str, Array]] = {}
    for name in inside:
        if (found := _NAME.fullmatch(name)) and name in arrays:
            cells.setdefault(found["cell"], {})[found["role"] + found["gate"]] = arrays[name]
    return {
        f"{cell}/{new}:0": _side_by_side(layer, [parts[role + gate] for gate in gates])
        for cell, parts in cells.items()
        for gates in _GATES
        for role, new in _ROLES.items()
        if all(role + gate in parts for gate in gates)
    }


def _side_by_side(layer: str, each: list[Array]) -> Array:
    if len({array.shape for array in each}) > 1 or each[0].ndim not in (1, 2):
        raise ModelError(
            "The gates of “{layer}” should have arrays of one shape, but they have {came}; save the"
            " whole model again.",
            layer=shown(layer),
            came=", ".join(str(array.shape) for array in each),
        )
    return np.concatenate(each, axis=-1)
