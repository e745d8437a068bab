"""The operators between constants and weights: those that move numbers and compute shapes.

Each takes what is known of its inputs and gives its outputs; what is not known is None. ONNX
operator documentation, by the operator's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.graph import OnnxNode
from rnnviz.readers.onnx.tensor import NUMPY

_MAX_SHAPE = 64  # numbers of an integer operand, as in shapes
_MAX_COUNT = 1 << 40


class Fill(NamedTuple):
    """One number everywhere, in a shape that is known only at run time."""

    number: float


Known = Any  # an Array, a Fill, or None


@dataclass(frozen=True)
class Call:
    """A node with what is known of its inputs.

    spend  counts the bytes an operator is about to make; raises above the bound.
    """

    node: OnnxNode
    inputs: tuple[Known, ...]
    version: int
    spend: Callable[[int], None]

    def array(self, place: int) -> Array:
        """An input; KeyError where it is not known."""
        known = self.inputs[place] if place < len(self.inputs) else None
        if not isinstance(known, np.ndarray):
            raise KeyError(place)
        return known

    def integers(self, name: str, place: int) -> list[int] | None:
        """An attribute of older operator sets, or the input it became; None where left out."""
        if name in self.node.attributes:
            return [int(i) for i in self.node.attributes[name].ints]
        if not self.node.input(place):
            return None
        return [int(i) for i in self.array(place).ravel()[:_MAX_SHAPE]]


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
    numbers = {known.number if isinstance(known, Fill) else None for known in call.inputs}
    if len(numbers) == 1 and None not in numbers:
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
    call.spend(places.size * rest * array.itemsize)
    if places.dtype.kind not in "iu":
        raise TypeError(places.dtype)
    return [np.take(array, places, axis)]


def _expand(call: Call) -> list[Known]:
    array, shape = call.array(0), call.inputs[1]
    if shape is None and array.size and (array == array.flat[0]).all():
        return [Fill(float(array.flat[0]))]
    wanted = _sizes(call.array(1))
    return [np.broadcast_to(array, np.broadcast_shapes(array.shape, wanted))]


def _constant_of_shape(call: Call) -> list[Known]:
    value = call.inputs[-1]
    if call.inputs[0] is None:
        return [Fill(float(value.flat[0]))]
    return [np.broadcast_to(value.ravel()[:1], _sizes(call.array(0)))]


def _sizes(shape: Array) -> tuple[int, ...]:
    sizes = tuple(int(n) for n in shape.ravel()[:_MAX_SHAPE])
    if min(sizes, default=0) < 0 or prod(sizes) > _MAX_COUNT:
        raise ValueError(sizes)
    return sizes


def _shape(call: Call) -> list[Known]:
    shape = call.array(0).shape
    start, end = call.node.integer("start", 0), call.node.integer("end", len(shape))
    return [np.array(shape[start:end], np.int64)]


def _integer_operator(function: Callable[[Array, Array], Array]) -> Callable[[Call], list[Known]]:
    def operator(call: Call) -> list[Known]:
        a, b = call.array(0), call.array(1)
        if max(a.size, b.size) > _MAX_SHAPE or {a.dtype.kind, b.dtype.kind} - set("iu"):
            raise ValueError
        return [function(a, b)]

    return operator


def _quotient(a: Array, b: Array) -> Array:
    if not b.all():
        raise ValueError
    return a // b


MOVING: Mapping[str, Callable[[Call], list[Known]]] = MappingProxyType(
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
        "Transpose": _transpose,
        "Unsqueeze": _unsqueeze,
    }
)
"""Operators whose outputs hold the numbers of their first input, or of all for Concat."""
OPERATORS: Mapping[str, Callable[[Call], list[Known]]] = MappingProxyType(
    {
        **MOVING,
        "Add": _integer_operator(np.add),
        "ConstantOfShape": _constant_of_shape,
        "Div": _integer_operator(_quotient),
        "Mul": _integer_operator(np.multiply),
        "Shape": _shape,
        "Sub": _integer_operator(np.subtract),
    }
)
"""All that is computed while a file is read."""
