"""Tensors as files describe them, checked before an array is built.

A tensor is a view: shape, stride and offset into a storage of numbers, which others may share
(PyTorch, `torch.Tensor.as_strided`). One outside its storage, or larger than it, is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.limits import MAX_AXES, MAX_UNPACKED_BYTES
from rnnviz.readers.number_types import (
    ByteOrder,
    array_itemsize,
    storage_dtype,
    storage_itemsize,
    to_numpy_dtype,
)
from rnnviz.readers.result import Source

Buffer = bytes | bytearray | memoryview
# What makes a dense tensor of numbers of one of another type.
_PLAIN = {
    **{"sparse": ".to_dense()", "nested": ".to_padded_tensor(0.0)", "neg": ".resolve_neg()"},
    **{"quint": ".dequantize()", "meta": '.to_empty(device="cpu") and its own numbers'},
}


@dataclass(frozen=True, eq=False)
class Storage:
    """Storage of `count` numbers by its `key`; a view of `length` numbers begins at `start`."""

    dtype: str
    key: str
    count: int
    start: int
    length: int

    @property
    def size(self) -> int:
        """Bytes of the storage."""
        return self.count * storage_itemsize(self.dtype)


@dataclass(frozen=True, eq=False)
class TensorView:
    """Tensor as a view into a storage; offset and stride count numbers of its own dtype."""

    dtype: str
    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def fits_storage(self) -> bool:
        """True when the view is within its storage and not larger."""
        if not _is_shape(self.shape) or not _are_counts(self.stride, len(self.shape)):
            return False
        storage = self.storage
        n_stored = storage.length * storage_itemsize(storage.dtype) // storage_itemsize(self.dtype)
        steps = zip(self.shape, self.stride, strict=True)
        last = self.offset + sum((n - 1) * step for n, step in steps)
        n_values = math.prod(self.shape)
        return not n_values or (n_values <= n_stored and 0 <= self.offset <= last < n_stored)

    def array(self, data: Buffer, order: ByteOrder) -> Array:
        """Array from the storage's bytes in a byte order; a view of them where possible."""
        stored = storage_dtype(self.dtype, order)
        if not math.prod(self.shape):
            return to_numpy_dtype(np.empty(self.shape, stored), self.dtype)
        start = self.storage.start * storage_itemsize(self.storage.dtype)
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
        return to_numpy_dtype(view, self.dtype)


@dataclass(frozen=True, eq=False)
class Latin1Text:
    """Bytes that pickle protocol 2 wrote as Latin-1 text."""

    text: str

    def encoded(self) -> bytes:
        """Bytes of the text. Raises UnicodeEncodeError for characters beyond Latin-1."""
        return self.text.encode("latin-1")

    def __str__(self) -> str:
        """The text that the bytes are in UTF-8, where they are one."""
        try:
            return self.encoded().decode()
        except UnicodeError:
            return self.text


@dataclass(frozen=True, eq=False)
class PickledArray:
    """NumPy array stored in the pickle itself, in C or Fortran order."""

    dtype: str
    order: ByteOrder
    shape: tuple[int, ...]
    is_fortran: bool
    data: Latin1Text | Buffer | str

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return len(self.data.text if isinstance(self.data, Latin1Text) else self.data)

    @property
    def fits_storage(self) -> bool:
        """True when shape and dtype take as many bytes as are there."""
        return (
            _is_shape(self.shape)
            and math.prod(self.shape) * storage_itemsize(self.dtype) == self.size
        )

    def array(self) -> Array:
        """Array of the numbers. Raises UnicodeEncodeError as `Latin1Text.encoded`."""
        data = Latin1Text(self.data) if isinstance(self.data, str) else self.data
        view: Array = np.ndarray(
            self.shape,
            storage_dtype(self.dtype, self.order),
            memoryview(data.encoded() if isinstance(data, Latin1Text) else data).toreadonly(),
            order="F" if self.is_fortran else "C",
        )
        return to_numpy_dtype(view, self.dtype)


@dataclass(frozen=True, eq=False)
class UnsupportedTensor:
    """Tensor that is not read, by its type: torch.complex64, torch.sparse, …"""

    type_name: str


StoredTensor = TensorView | PickledArray | UnsupportedTensor


def checked_nbytes(source: Source, name: str, tensor: StoredTensor) -> int:
    """Bytes of the array of a tensor.

    Raises ModelError for an unsupported type and for a tensor outside its storage.
    """
    if isinstance(tensor, UnsupportedTensor):
        raise unsupported_tensor(source, name, tensor.type_name)
    if not tensor.fits_storage:
        raise ModelError(
            "“{tensor}” in “{name}” should have all the numbers of its shape stored and lie within"
            " them, but its shape, stride or size says otherwise; save a plain copy of it, in"
            " PyTorch with .clone(memory_format=torch.contiguous_format).",
            tensor=shown(name),
            name=shown(source.name),
        )
    return math.prod(tensor.shape) * array_itemsize(tensor.dtype)


def unsupported_tensor(source: Source, name: str, type_name: str) -> ModelError:
    """Error for a tensor that is not a dense one of real numbers."""
    return ModelError(
        "“{tensor}” in “{name}” should be a dense tensor of numbers, but its type is {make};"
        " make it one with {how} and save the file again.",
        tensor=shown(name),
        name=shown(source.name),
        make=shown(type_name),
        how=next((how for part, how in _PLAIN.items() if part in type_name), ".float()"),
    )


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, tuple) or not _are_counts(shape, len(shape)):
        return False
    # NumPy must be able to count the axes of an empty array too.
    return len(shape) <= MAX_AXES and math.prod(max(n, 1) for n in shape) <= MAX_UNPACKED_BYTES


def _are_counts(values: Any, count: int) -> bool:
    is_tuple = isinstance(values, tuple) and len(values) == count
    return is_tuple and all(type(value) is int and value >= 0 for value in values)


def finite_floats(name: str, array: Array, answers: Mapping[str, str]) -> Array:
    """Read-only float32 array, or float64 from float64 or wider.

    answers  nan="zero" replaces numbers that are not finite by 0.

    Raises ModelError, naming the array, for other types and for numbers that are not finite.

    >>> finite_floats("w", np.array([np.nan, 1.5], np.float16), {"nan": "zero"}).tolist()
    [0.0, 1.5]
    """
    if array.dtype.kind == "c":
        raise ModelError(
            "An array of real numbers was expected, but “{name}” holds type {dtype};"
            " convert it and save it again.",
            name=shown(name, 80),
            dtype=array.dtype,
        )
    if array.dtype.kind != "f":
        raise ModelError(
            "“{name}” should hold real floating-point numbers, but its type is {dtype};"
            " save the model unquantised.",
            name=shown(name, 80),
            dtype=array.dtype,
        )
    numbers = array.astype(np.float32 if array.itemsize <= 4 else np.float64, copy=False)
    count = count_nonfinite(numbers)
    if count and answers.get("nan") != "zero":
        raise ModelError(
            "“{name}” should be finite, but {count} of its {size} numbers are NaN or infinity;"
            ' the answer nan="zero" reads them as 0.',
            name=shown(name, 80),
            count=count,
            size=numbers.size,
            lifted_by=("nan", "zero"),
        )
    return read_only(np.where(np.isfinite(numbers), numbers, 0) if count else numbers)


def count_nonfinite(array: Array) -> int:
    """Count of NaN and infinite numbers.

    >>> count_nonfinite(np.array([0.0, np.inf]))
    1
    """
    return int(array.size - np.isfinite(array).sum())
