"""Gradients between all pairs of steps through all levels of a model.

Derivatives by every number of every step's input are carried up, level by level: the hidden states
of one are the input of the next.
"""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.gradient_sweep import advance, log_norms, reading_order, rescale
from rnnviz.analysis.layer_jacobians import LayerJacobians
from rnnviz.analysis.linearised_step import INPUT
from rnnviz.core.arrays import Array


@dataclass(frozen=True, eq=False)
class Tangents:
    """∂h_t/∂x_s as values · 10^scale.

    values  (time t, step s, input, hidden).
    scale   (time t, step s).
    """

    values: Array
    scale: Array

    def norms(self, directions: Array | None = None) -> Array:
        """log10 ‖∂h_t/∂x_s‖, Frobenius, (time t, step s); of directions_t · h_t where given."""
        values = self.values
        if directions is not None:
            values = np.einsum("tsnh,th->tsn", values, directions)[..., None]
        return np.stack([log_norms(*pair) for pair in zip(values, self.scale, strict=True)])


def stack_tangents(levels: List[List[LayerJacobians]]) -> Tangents:
    """∂h_t/∂x_s of the top level's hidden states by the first level's input, of a single row."""
    below: Tangents | None = None
    for level in levels:
        below = _joined([_through(one, below) for one in level])
    assert below is not None
    return below


def stack_numbers(levels: List[List[LayerJacobians]]) -> int:
    """Numbers that the tangents of the widest level take."""
    n_steps, n_inputs = len(levels[0][0].is_real), levels[0][0].n_inputs
    widest = max(sum(sum(one.widths) for one in level) for level in levels)
    return 2 * n_steps**2 * n_inputs * widest


def _through(layer: LayerJacobians, below: Tangents | None) -> Tangents:
    """Tangents of a layer's hidden states, from those of what it reads; None for the input."""
    n_steps = len(layer.is_real)
    n = layer.n_inputs if below is None else below.values.shape[2]
    widths = dict(zip(layer.names, layer.widths, strict=True))
    vectors = {name: np.zeros((n_steps, n, width)) for name, width in widths.items()}
    scale = np.zeros(n_steps)
    values, scales = np.empty((n_steps, n_steps, n, widths["hidden"])), np.empty((n_steps, n_steps))
    for count, t in enumerate(reading_order(layer, n_steps)):
        advance(layer, vectors, slice(None), t)
        if below is None:
            _add(layer, vectors, slice(t, t + 1), np.eye(n)[None], t)
        else:
            share = _aligned(vectors, scale, below.scale[t])
            _add(layer, vectors, slice(None), below.values[t] * share[:, None, None], t)
        values[t], scales[t] = vectors["hidden"], scale
        if count % 8 == 0:
            rescale(vectors, scale)
    return Tangents(values, scales)


def _add(
    layer: LayerJacobians, vectors: dict[str, Array], steps: slice, read: Array, t: int
) -> None:
    """What the states take from tangents (step, column, input) of what is read at step t."""
    for name, array in vectors.items():
        taken = layer.blocks[name, INPUT].times(read.reshape(-1, read.shape[2]), t)
        array[steps] += np.reshape(taken, array[steps].shape) if np.ndim(taken) else taken


def _aligned(vectors: dict[str, Array], scale: Array, coming: Array) -> Array:
    """Factor (step,) of what comes, once the vectors are on the larger of both scales."""
    is_empty = np.all([~array.any(axis=(1, 2)) for array in vectors.values()], axis=0)
    common = np.where(is_empty, coming, np.maximum(scale, coming))
    factor = 10.0 ** np.where(is_empty, 0.0, scale - common)
    for array in vectors.values():
        array *= factor[:, None, None]
    scale[:] = common
    share: Array = 10.0 ** (coming - common)
    return share


def _joined(layers: List[Tangents]) -> Tangents:
    """Tangents of the layers of a level side by side, on one scale."""
    if len(layers) == 1:
        return layers[0]
    common = np.max([one.scale for one in layers], axis=0)
    values = [one.values * 10.0 ** (one.scale - common)[:, :, None, None] for one in layers]
    return Tangents(np.concatenate(values, axis=3), common)
