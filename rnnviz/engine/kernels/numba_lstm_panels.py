"""An LSTM layer's weights as the compiled kernel reads them, packed once for a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_matmul import VECTORS, aligned_zeros, lanes
from rnnviz.engine.kernels.workspace import gate_order
from rnnviz.engine.linear import Linear
from rnnviz.network.layer import Layer


class LstmPanels(NamedTuple):
    """Panels (block, inner, gate·lane) of blocks of as many units as a vector has lanes.

    bias       `b` of the input and of the hidden state together, (block, gate·lane).
    input      for `W_x`, inner over the input.
    recurrent  for `W_h`, inner over the units.
    """

    bias: Array
    input: Array
    recurrent: Array

    @property
    def lanes(self) -> int:
        """Units of a block."""
        return int(self.bias.shape[1]) // VECTORS


_packed: WeakKeyDictionary[Layer, dict[str, LstmPanels]] = WeakKeyDictionary()


def lstm_panels(linear: Linear) -> LstmPanels:
    """Panels of a layer's weights in the linear part's type; they go with the layer."""
    by_type, name = _packed.setdefault(linear.layer, {}), linear.dtype.char
    if name not in by_type:
        by_type[name] = _pack(linear)
    return by_type[name]


def _pack(linear: Linear) -> LstmPanels:
    gates = gate_order(linear.layer)
    bias = linear.bias("b", gates) + linear.bias("bh", gates)
    inputs, recurrent = (
        _panels([linear.weights[f"{gate}.{role}"] for gate in gates], linear.dtype) for role in "xh"
    )
    return LstmPanels(
        _panels(bias.reshape(len(gates), -1, 1), linear.dtype)[:, 0], inputs, recurrent
    )


def _panels(matrices: Sequence[Array] | Array, dtype: np.dtype[Any]) -> Array:
    """Panels of matrices (unit, inner) of all gates."""
    width, (n_units, inner) = lanes(dtype), matrices[0].shape
    # The last block goes back to be as wide as the others; a single one may have empty lanes.
    starts = [max(0, min(start, n_units - width)) for start in range(0, n_units, width)]
    panels = aligned_zeros((len(starts), inner, VECTORS, width), dtype)
    for panel, start in zip(panels, starts, strict=True):
        for gate, matrix in enumerate(matrices):
            panel[:, gate, :n_units] = matrix[start : start + width].T
    return panels.reshape(len(starts), inner, VECTORS * width)
