"""Gradients between all pairs of steps, by products with each step's Jacobian.

    ∂h_t/∂x_s = (Π_{k=t..s+1} ∂s_k/∂s_{k−1}) ∂s_s/∂x_s

Long products vanish or overflow, so each source's columns, or each target's row, carry a scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from rnnviz.analysis.layer_jacobians import LayerJacobians
from rnnviz.analysis.linearised_step import INPUT
from rnnviz.core.arrays import Array

_TINY, _HUGE = 1e-100, 1e100
# No factor of a step is so large or small that numbers leave their range in between.
_STEPS_BETWEEN_SCALINGS = 8


def hidden_norms(layer: LayerJacobians) -> Array:
    """log10 ‖∂h_t/∂x_s‖, Frobenius, (time t, step s) of a single row; −∞ where s does not act.

    All sources are carried from step to step together, a column for each number that is read.
    """
    columns = _input_columns(layer)
    n_steps, n = len(columns), columns.shape[1]
    vectors = {name: np.zeros((n_steps, n, width)) for name, width in _widths(layer)}
    scale, logarithm = np.zeros(n_steps), np.full((n_steps, n_steps), -np.inf)
    for count, t in enumerate(reading_order(layer, n_steps)):
        read = slice(0, t + 1) if layer.direction == "forward" else slice(t, None)
        if count:
            advance(layer, vectors, read, t)
        for name, place in layer.slices.items():
            vectors[name][t] = columns[t, :, place]
        logarithm[t, read] = log_norms(vectors["hidden"][read], scale[read])
        if count % _STEPS_BETWEEN_SCALINGS == 0:
            rescale(vectors, scale)
    return logarithm


def target_norms(layer: LayerJacobians, targets: Array) -> tuple[Array, Array]:
    """log10 ‖∂y_t/∂x_s‖ (time t, step s) of y_t = targets_t · h_t of a single row, and ∂y_t/∂x_t.

    targets  (time, hidden).

    All targets are carried back from step to step together, a row for each.
    """
    n_steps = len(layer.is_real)
    vectors = {name: np.zeros((n_steps, 1, width)) for name, width in _widths(layer)}
    scale, logarithm = np.zeros(n_steps), np.full((n_steps, n_steps), -np.inf)
    here = np.zeros((n_steps, layer.n_inputs))
    for count, s in enumerate([*reading_order(layer, n_steps)][::-1]):
        vectors["hidden"][s] = targets[s]
        read = slice(s, None) if layer.direction == "forward" else slice(0, s + 1)
        by_input = _pulled(layer, vectors, read, s, INPUT)
        logarithm[read, s] = log_norms(by_input, scale[read])
        here[s] = by_input[0 if layer.direction == "forward" else -1, 0]
        before = {name: _pulled(layer, vectors, read, s, name) for name in layer.names}
        for name, array in before.items():
            vectors[name][read] = array
        if count % _STEPS_BETWEEN_SCALINGS == 0:
            rescale(vectors, scale)
    return logarithm, here


def _widths(layer: LayerJacobians) -> Iterator[tuple[str, int]]:
    return zip(layer.names, layer.widths, strict=True)


def reading_order(layer: LayerJacobians, n_steps: int) -> range:
    """Steps in the order in which a layer reads them."""
    return range(n_steps) if layer.direction == "forward" else range(n_steps)[::-1]


def _input_columns(layer: LayerJacobians) -> Array:
    """∂s_t/∂x_t transposed, (time, column, state): no more columns than there are states.

    Of a wide input a triangle is taken in its place, which has the same products with itself and
    so leaves every Frobenius norm as it is.
    """
    by_input = layer.inputs[:, 0]
    if by_input.shape[2] <= by_input.shape[1]:
        return np.ascontiguousarray(by_input.transpose(0, 2, 1))
    return np.asarray(np.linalg.qr(by_input.transpose(0, 2, 1), mode="r"))


def advance(layer: LayerJacobians, vectors: dict[str, Array], read: slice, t: int) -> None:
    """Derivatives of the states before step t by the sources to those of the states after it."""
    before = {name: array[read] for name, array in vectors.items()}
    after = {}
    for name in layer.names:
        total: Array | float = 0.0
        for state, array in before.items():
            total = total + layer.blocks[name, state].times(_flat(array), t)
        after[name] = total
    for name, new in after.items():
        before[name][...] = np.reshape(new, before[name].shape) if np.ndim(new) else new


def _pulled(
    layer: LayerJacobians, vectors: Mapping[str, Array], read: slice, s: int, by: str
) -> Array:
    """Derivatives by a state before step s, or its input, from those by the states after it."""
    shape = (len(vectors["hidden"][read]), 1, dict(_widths(layer)).get(by, layer.n_inputs))
    total: Array | float = np.zeros(shape[:1] + shape[2:])
    for name, array in vectors.items():
        total = total + layer.blocks[name, by].transposed_times(_flat(array[read]), s)
    return np.reshape(total, shape)


def _flat(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])


def log_norms(vectors: Array, scale: Array) -> Array:
    """log10 of the norm of vectors (step, column, number) · 10^scale, (step,)."""
    square = np.einsum("snk,snk->s", vectors, vectors)
    with np.errstate(divide="ignore"):
        logarithm: Array = 0.5 * np.log10(square) + scale
    return logarithm


def rescale(vectors: Mapping[str, Array], scale: Array) -> None:
    """Vectors of a source or target that are far from 1 brought near it, the factor kept."""
    largest = np.max([np.abs(array).max(axis=(1, 2)) for array in vectors.values()], axis=0)
    far = ((largest < _TINY) | (largest > _HUGE)) & (largest > 0)
    for array in vectors.values():
        array[far] /= largest[far, None, None]
    scale[far] += np.log10(largest[far])
