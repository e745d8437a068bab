"""Arithmetic on constants: what exporters compute shapes and states with, element by element.

ONNX operator documentation, by the operator's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.known import Call, Known
from rnnviz.readers.onnx.operators import Operator

_MAX_MATRIX_AXES = 3
_PER_BYTE = 4  # multiplications that cost as much as a byte


def _binary(function: Callable[[Array, Array], Array]) -> Operator:
    def operator(call: Call) -> list[Known]:
        a, b = (call.array(place) for place in range(len(call.inputs)))
        if a.dtype != b.dtype:
            raise TypeError(a.dtype, b.dtype)
        call.spend(prod(np.broadcast_shapes(a.shape, b.shape)) * a.itemsize)
        with np.errstate(all="ignore"):
            return [np.asarray(function(a, b))]

    return operator


def _unary(function: Callable[[Array], Array]) -> Operator:
    def operator(call: Call) -> list[Known]:
        array = call.array(0)
        call.spend(array.nbytes)
        with np.errstate(all="ignore"):
            return [np.asarray(function(array))]

    return operator


def _quotient(a: Array, b: Array) -> Array:
    if a.dtype.kind == "f":
        return np.asarray(a / b)
    if not b.all():
        raise ValueError(b)
    # Of integers towards zero, as in C.
    return np.asarray(np.sign(a) * np.sign(b) * (abs(a) // abs(b)))


def _where(call: Call) -> list[Known]:
    condition, a, b = (call.array(place) for place in range(3))
    if condition.dtype != np.bool_ or a.dtype != b.dtype:
        raise TypeError(condition.dtype, a.dtype, b.dtype)
    call.spend(prod(np.broadcast_shapes(condition.shape, a.shape, b.shape)) * a.itemsize)
    return [np.where(condition, a, b)]


def _range(call: Call) -> list[Known]:
    start, limit, step = (call.array(place) for place in range(3))
    if start.dtype.kind != "i":
        raise TypeError(start.dtype)
    count = max(0, -(-(int(limit) - int(start)) // int(step)))
    call.spend(count * start.itemsize)
    return [int(start) + int(step) * np.arange(count, dtype=start.dtype)]


def _reduction(function: Callable[..., Array]) -> Operator:
    def operator(call: Call) -> list[Known]:
        array, axes = call.array(0), call.integers("axes", 1)
        if not axes and call.node.integer("noop_with_empty_axes"):
            return [array]
        call.spend(2 * array.nbytes)
        along = None if not axes else tuple(axes)
        keeps = bool(call.node.integer("keepdims", 1))
        return [np.asarray(function(array, axis=along, keepdims=keeps), array.dtype)]

    return operator


def _length(array: Array, **options: Any) -> Array:
    return np.asarray(np.sqrt(np.sum(array * array, **options)))


def _product(call: Call) -> list[Known]:
    a, b = call.array(0), call.array(1)
    if a.dtype != b.dtype or a.dtype.kind != "f" or not 0 < max(a.ndim, b.ndim) <= _MAX_MATRIX_AXES:
        raise TypeError(a.dtype, b.dtype)
    # Not only what it takes, but also what it costs: a product may be far more than its factors.
    rows, columns = a.size // a.shape[-1], b.size // b.shape[0 if b.ndim == 1 else -2]
    call.spend(rows * columns * max(a.itemsize, a.shape[-1] // _PER_BYTE))
    return [np.asarray(a @ b)]


ARITHMETIC: Mapping[str, Operator] = MappingProxyType(
    {
        "Abs": _unary(np.abs),
        "Add": _binary(np.add),
        "And": _binary(np.logical_and),
        "Div": _binary(_quotient),
        "Equal": _binary(np.equal),
        "Greater": _binary(np.greater),
        "GreaterOrEqual": _binary(np.greater_equal),
        "Less": _binary(np.less),
        "LessOrEqual": _binary(np.less_equal),
        "MatMul": _product,
        "Max": _binary(np.maximum),
        "Min": _binary(np.minimum),
        "Mul": _binary(np.multiply),
        "Neg": _unary(np.negative),
        "Not": _unary(np.logical_not),
        "Or": _binary(np.logical_or),
        "Pow": _binary(np.power),
        "Range": _range,
        "ReduceL2": _reduction(_length),
        "ReduceMax": _reduction(np.max),
        "ReduceMean": _reduction(np.mean),
        "ReduceMin": _reduction(np.min),
        "ReduceProd": _reduction(np.prod),
        "ReduceSum": _reduction(np.sum),
        "Sqrt": _unary(np.sqrt),
        "Sub": _binary(np.subtract),
        "Tanh": _unary(np.tanh),
        "Where": _where,
    }
)
"""Operators whose outputs are computed of every input's numbers."""
