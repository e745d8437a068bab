"""What a file says of its tensors, checked in whole numbers, and then the arrays.

A tensor is a view: shape, stride and offset into a storage of numbers, which others may share
(PyTorch, `torch.Tensor.as_strided`). Whatever it claims, it lies within its storage and is not
larger, or it is not built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.limits import MAX_AXES, MAX_UNPACKED
from rnnviz.readers.narrow import Order, built_size, item_size, stored_type, widened
from rnnviz.readers.result import Source

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, eq=False)
class Storage:
    """`count` numbers of a kind kept under `key`; a view of them from `start` has `length`."""

    kind: str
    key: str
    count: int
    start: int
    length: int

    @property
    def size(self) -> int:
        """Bytes of the whole storage."""
        return self.count * item_size(self.kind)


@dataclass(frozen=True, eq=False)
class Tensor:
    """A view into a storage; offset and strides count numbers of its own kind."""

    kind: str
    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it lies within its storage and is not larger."""
        if not _is_shape(self.shape) or not _are_counts(self.stride, len(self.shape)):
            return False
        storage = self.storage
        n_stored = storage.length * item_size(storage.kind) // item_size(self.kind)
        steps = zip(self.shape, self.stride, strict=True)
        last = self.offset + sum((n - 1) * step for n, step in steps)
        n_values = math.prod(self.shape)
        return not n_values or (n_values <= n_stored and 0 <= self.offset <= last < n_stored)

    def array(self, data: Buffer, order: Order) -> Array:
        """The numbers, of the storage's bytes in the byte order `<` or `>`; a view where it can."""
        stored = stored_type(self.kind, order)
        if not math.prod(self.shape):
            return widened(np.empty(self.shape, stored), self.kind)
        start = self.storage.start * item_size(self.storage.kind)
        view = np.ndarray(
            self.shape,
            stored,
            memoryview(data).toreadonly(),
            start + self.offset * stored.itemsize,
            # An axis of one may have any stride.
            [
                step * stored.itemsize if n > 1 else 0
                for n, step in zip(self.shape, self.stride, strict=True)
            ],
        )
        return widened(view, self.kind)


@dataclass(frozen=True, eq=False)
class Text:
    """Bytes that protocol 2 wrote as a text, each a character."""

    text: str

    def encoded(self) -> bytes:
        """The bytes. Raises UnicodeEncodeError for characters that are none."""
        return self.text.encode("latin-1")


@dataclass(frozen=True, eq=False)
class Packed:
    """A NumPy array that lies in the pickle itself, by row or by column."""

    kind: str
    order: Order
    shape: tuple[int, ...]
    by_column: bool
    data: Text | Buffer | str

    @property
    def size(self) -> int:
        """Bytes of its numbers."""
        return len(self.data.text if isinstance(self.data, Text) else self.data)

    @property
    def is_whole(self) -> bool:
        """Whether its bytes are as many as its shape takes."""
        return _is_shape(self.shape) and math.prod(self.shape) * item_size(self.kind) == self.size

    def array(self) -> Array:
        """The numbers. Raises UnicodeEncodeError as `Text.encoded`."""
        data = Text(self.data) if isinstance(self.data, str) else self.data
        view: Array = np.ndarray(
            self.shape,
            stored_type(self.kind, self.order),
            memoryview(data.encoded() if isinstance(data, Text) else data).toreadonly(),
            order="F" if self.by_column else "C",
        )
        return widened(view, self.kind)


@dataclass(frozen=True, eq=False)
class Special:
    """A tensor of another make, by its type: torch.complex64, torch.sparse, …"""

    make: str


Leaf = Tensor | Packed | Special


def checked_size(source: Source, name: str, leaf: Leaf) -> int:
    """Bytes of the array that the leaf will be built to.

    Raises ModelError for a tensor of another make and for one outside its storage.
    """
    if isinstance(leaf, Special):
        raise special(source, name, leaf.make)
    if not leaf.is_whole:
        raise ModelError(
            "“{tensor}” in “{name}” should have all the numbers of its shape stored and lie within"
            " them, but its shape, stride or size says otherwise; save a plain copy of it, in"
            " PyTorch with .clone(memory_format=torch.contiguous_format).",
            tensor=shown(name),
            name=shown(source.name),
        )
    return math.prod(leaf.shape) * built_size(leaf.kind)


def special(source: Source, tensor: str, make: str) -> ModelError:
    """What is said of a tensor that holds no plain real numbers."""
    return ModelError(
        "“{tensor}” in “{name}” should be a dense tensor of real numbers, but its type is {make};"
        " make it plain (.to_dense(), .dequantize(), .real, on the CPU) and save it again.",
        tensor=shown(tensor),
        name=shown(source.name),
        make=shown(make),
    )


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, tuple) or not _are_counts(shape, len(shape)):
        return False
    # An empty array too has axes NumPy must be able to count.
    return len(shape) <= MAX_AXES and math.prod(max(n, 1) for n in shape) <= MAX_UNPACKED


def _are_counts(values: Any, count: int) -> bool:
    is_tuple = isinstance(values, tuple) and len(values) == count
    return is_tuple and all(type(value) is int and value >= 0 for value in values)
