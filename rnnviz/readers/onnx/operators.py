"""Operators that move numbers about, and those that say how many there are.

Each takes what is known of its inputs and gives its outputs; what is not known is None. ONNX
operator documentation, by the operator's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.known import Call, Known, Spread, checked_shape, numbers_of
from rnnviz.readers.onnx.tensor import NUMPY


def _identity(call: Call) -> list[Known]:
    return [call.inputs[0]]


def _cast(call: Call) -> list[Known]:
    kind = NUMPY[call.node.integer("to", 0)]
    array = call.array(0)
    call.spend(array.size * kind.itemsize)
    with np.errstate(all="ignore"):
        return [array.astype(kind)]


def _transpose(call: Call) -> list[Known]:
    return [call.array(0).transpose(call.integers("perm", 9))]


def _squeeze(call: Call) -> list[Known]:
    axes = call.integers("axes", 1)
    return [call.array(0).squeeze(None if axes is None else tuple(axes))]


def _unsqueeze(call: Call) -> list[Known]:
    return [np.expand_dims(call.array(0), tuple(call.integers("axes", 1) or ()))]


def _reshape(call: Call) -> list[Known]:
    array, shape = call.array(0), call.integers("shape", 1) or []
    keeps = not call.node.integer("allowzero", 0)
    wanted = [array.shape[i] if n == 0 and keeps else n for i, n in enumerate(shape)]
    call.spend(array.nbytes)
    return [array.reshape(wanted)]


def _flatten(call: Call) -> list[Known]:
    array, axis = call.array(0), call.node.integer("axis", 1)
    call.spend(array.nbytes)
    return [array.reshape(prod(array.shape[:axis]), -1)]


def _concat(call: Call) -> list[Known]:
    if len(numbers := _uniform_numbers(call)) == 1 and None not in numbers:
        return [call.inputs[0]]
    arrays = [call.array(i) for i in range(len(call.inputs))]
    call.spend(sum(array.nbytes for array in arrays))
    return [np.concatenate(arrays, call.node.integer("axis", 1))]


def _slice(call: Call) -> list[Known]:
    array = call.array(0)
    starts, ends = call.integers("starts", 1) or [], call.integers("ends", 2) or []
    axes = call.integers("axes", 3) or list(range(len(starts)))
    steps = call.integers("steps", 4) or [1] * len(starts)
    part: list[slice] = [slice(None)] * array.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        # Before the first, where a negative step ends, is -1 to a Python slice's last.
        is_past = step < 0 and end < -array.shape[axis]
        part[axis] = slice(start, None if is_past else end, step)
    return [array[tuple(part)]]


def _split(call: Call) -> list[Known]:
    array, axis, n = call.array(0), call.node.integer("axis", 0), len(call.node.outputs)
    length = array.shape[axis]
    sizes = call.integers("split", 1) or [
        max(0, min(-(-length // n), length - i * -(-length // n))) for i in range(n)
    ]
    if sum(sizes) != length or min(sizes) < 0:
        raise ValueError(sizes)
    return list(np.split(array, np.cumsum(sizes)[:-1], axis))


def _gather(call: Call) -> list[Known]:
    array, places, axis = call.array(0), call.array(1), call.node.integer("axis", 0)
    rest = array.size // max(array.shape[axis], 1)
    # NumPy copies what does not lie in one piece.
    call.spend(places.size * max(rest * array.itemsize, places.itemsize) + _loose(array))
    if places.dtype.kind not in "iu":
        raise TypeError(places.dtype)
    return [np.asarray(np.take(array, places, axis))]


def _loose(array: Array) -> int:
    return 0 if array.flags.c_contiguous else array.nbytes


def _expand(call: Call) -> list[Known]:
    array = call.array(0)
    if call.known(1) is None:
        return [Spread(array)]
    wanted = checked_shape(numbers_of(call.array(1)))
    return [np.broadcast_to(array, np.broadcast_shapes(array.shape, wanted))]


def _uniform_numbers(call: Call) -> set[float | None]:
    return {
        float(known.array.flat[0]) if isinstance(known, Spread) and known.is_uniform else None
        for known in call.inputs
    }


def _tile(call: Call) -> list[Known]:
    array, times = call.array(0), checked_shape(numbers_of(call.array(1)))
    call.spend(array.nbytes * max(1, prod(times)))
    return [np.tile(array, times)]


def _constant_of_shape(call: Call) -> list[Known]:
    value = call.array(1).ravel()[:1]
    if call.known(0) is None:
        return [Spread(value)]
    return [np.broadcast_to(value, checked_shape(numbers_of(call.array(0))))]


def _shape(call: Call) -> list[Known]:
    shape = call.array(0).shape
    start, end = call.node.integer("start", 0), call.node.integer("end", len(shape))
    return [np.array(shape[start:end], np.int64)]


def _size(call: Call) -> list[Known]:
    return [np.array(call.array(0).size, np.int64)]


Operator = Callable[[Call], list[Known]]
MOVING: Mapping[str, Operator] = MappingProxyType(
    {
        "Cast": _cast,
        "Concat": _concat,
        "Dropout": _identity,
        "Expand": _expand,
        "Flatten": _flatten,
        "Gather": _gather,
        "Identity": _identity,
        "Reshape": _reshape,
        "Slice": _slice,
        "Split": _split,
        "Squeeze": _squeeze,
        "Tile": _tile,
        "Transpose": _transpose,
        "Unsqueeze": _unsqueeze,
    }
)
"""Operators whose outputs hold the numbers of their first input, or of all for Concat."""
MEASURING: Mapping[str, Operator] = MappingProxyType({"Shape": _shape, "Size": _size})
"""Operators that read how many numbers there are, whatever they are."""
FILLING: Mapping[str, Operator] = MappingProxyType({"ConstantOfShape": _constant_of_shape})
"""Operators that make numbers of a shape alone."""
