"""What is known of a value before the graph runs: its numbers, or only how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.graph import OnnxNode

_MAX_SHAPE = 64  # numbers of an operand that is a shape
_MAX_COUNT = 1 << 58


class Spread(NamedTuple):
    """An array broadcast to a shape that is known only at run time."""

    array: Array

    @property
    def is_uniform(self) -> bool:
        """True for one number everywhere, which no move changes."""
        return self.array.size == 1


class Unseen(NamedTuple):
    """Numbers that come only at run time, in an array of their shape.

    The array's own numbers mean nothing but their places: they are moved, never computed with.
    """

    array: Array


Known = Any  # an Array, a Spread, an Unseen, or None where nothing is known


def unseen(shape: tuple[int, ...], kind: Any = np.float32) -> Unseen:
    """Numbers of that shape that are not there: one zero in every place takes no memory.

    >>> unseen((2, 10**6)).array.strides
    (0, 0)
    """
    return Unseen(np.broadcast_to(np.zeros((), kind), checked_shape(shape)))


def numbers_of(operand: Array) -> list[int]:
    """The numbers of an operand that is a shape, axes or places. ValueError for too many."""
    if operand.size > _MAX_SHAPE:
        raise ValueError(operand.size)
    return [int(n) for n in operand.ravel()]


def checked_shape(sizes: Iterable[int]) -> tuple[int, ...]:
    """The sizes as a shape. ValueError for a senseless one."""
    shape = tuple(sizes)
    if min(shape, default=0) < 0 or prod(shape) > _MAX_COUNT:
        raise ValueError(shape)
    return shape


@dataclass(frozen=True)
class Call:
    """A node with what is known of its inputs.

    spend  counts the bytes an operator is about to make; raises above the bound.
    """

    node: OnnxNode
    inputs: tuple[Known, ...]
    version: int
    spend: Callable[[int], None]

    def known(self, place: int) -> Known:
        """An input, None where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def array(self, place: int) -> Array:
        """An input; KeyError where it is not known."""
        known = self.known(place)
        if not isinstance(known, np.ndarray):
            raise KeyError(place)
        return known

    def integers(self, name: str, place: int) -> list[int] | None:
        """An attribute of older operator sets, or the input it became; None where left out."""
        if name in self.node.attributes:
            return [int(i) for i in self.node.attributes[name].ints]
        if not self.node.input(place):
            return None
        return numbers_of(self.array(place))
