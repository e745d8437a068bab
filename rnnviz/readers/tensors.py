"""What a file says of its tensors, checked in whole numbers, and then the arrays.

A tensor is a view: shape, stride and offset into a storage of numbers, which others may share
(PyTorch, `torch.Tensor.as_strided`). Whatever it claims, it lies within its storage and is not
larger, or it is not built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.limits import MAX_AXES, MAX_UNPACKED
from rnnviz.readers.result import Source

ByteOrder = Literal["<", ">"]
# What a number is stored as, by its PyTorch name.
STORAGE_DTYPES = {
    **{name: name for name in ("float64", "float32", "float16")},
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "bool": "uint8",
    "bfloat16": "uint16",
    "float8_e4m3fn": "uint8",
    "float8_e5m2": "uint8",
    "float8_e4m3fnuz": "uint8",
    "float8_e5m2fnuz": "uint8",
    "float8_e8m0fnu": "uint8",
}


def storage_dtype(kind: str, order: ByteOrder) -> np.dtype[Any]:
    """How one number is stored, in the byte order given.

    >>> stored_type("bfloat16", ">")
    dtype('>u2')
    """
    return np.dtype(STORAGE_DTYPES[kind]).newbyteorder(order)


def storage_itemsize(kind: str) -> int:
    """Bytes of one stored number.

    >>> item_size("bfloat16")
    2
    """
    return np.dtype(STORAGE_DTYPES[kind]).itemsize


def array_itemsize(kind: str) -> int:
    """Bytes of one number in the array `widened` gives.

    >>> built_size("bfloat16")
    4
    """
    return 4 if kind.startswith(("float8", "float16", "bfloat16")) else storage_itemsize(kind)


def to_numpy_dtype(stored: Array, kind: str) -> Array:
    """The numbers that an array of stored ones, of any shape, stands for.

    >>> widened(np.array([0x3FC0], np.uint16), "bfloat16")
    array([1.5], dtype=float32)
    """
    if kind == "bool":
        return np.asarray(stored != 0)
    if kind == "bfloat16":
        # Its 16 bits are the upper half of the float32's.
        return np.asarray(stored.astype(np.uint32) << 16).view(np.float32)
    if kind == "float16":
        return stored.astype(np.float32)
    if kind.startswith("float8"):
        return np.asarray(_values(kind)[stored])
    return stored.astype(stored.dtype.newbyteorder("="), copy=False)


@cache
def _values(kind: str) -> Array:
    """What each of the 256 codes of an 8-bit float stands for."""
    if kind == "float8_e8m0fnu":
        powers = np.exp2(np.arange(256) - 127.0)
        return np.where(np.arange(256) == 255, np.nan, powers).astype(np.float32)
    exponent_bits, mantissa_bits = int(kind[8]), int(kind[10])
    bias = 2 ** (exponent_bits - 1) - (0 if kind.endswith("uz") else 1)
    numbers = _numbers(mantissa_bits, bias)
    _SPECIAL[kind](numbers)
    return numbers.astype(np.float32)


def _numbers(mantissa_bits: int, bias: int) -> Array:
    """`(−1)^s 2^(e − bias) (1 + m)`, and `(−1)^s 2^(1 − bias) m` where e is 0."""
    codes = np.arange(256)
    sign = 1 - 2 * (codes >> 7)
    exponent = (codes & 127) >> mantissa_bits
    mantissa = (codes % 2**mantissa_bits) / 2**mantissa_bits
    normal = (1 + mantissa) * np.exp2(exponent - float(bias))
    return np.asarray(sign * np.where(exponent, normal, mantissa * 2.0 ** (1 - bias)))


def _as_ieee(numbers: Array) -> None:
    for start, sign in ((0x7C, 1), (0xFC, -1)):
        numbers[start] = sign * np.inf
        numbers[start + 1 : start + 4] = np.nan


def _without_infinity(numbers: Array) -> None:
    numbers[[0x7F, 0xFF]] = np.nan


def _without_negative_zero(numbers: Array) -> None:
    numbers[0x80] = np.nan


_SPECIAL: dict[str, Callable[[Array], None]] = {
    "float8_e4m3fn": _without_infinity,
    "float8_e5m2": _as_ieee,
    "float8_e4m3fnuz": _without_negative_zero,
    "float8_e5m2fnuz": _without_negative_zero,
}

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, eq=False)
class Storage:
    """`count` numbers of a kind kept under `key`; a view of them from `start` has `length`."""

    dtype: str
    key: str
    count: int
    start: int
    length: int

    @property
    def size(self) -> int:
        """Bytes of the whole storage."""
        return self.count * storage_itemsize(self.dtype)


@dataclass(frozen=True, eq=False)
class TensorView:
    """A view into a storage; offset and strides count numbers of its own kind."""

    dtype: str
    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def fits_storage(self) -> bool:
        """Whether it lies within its storage and is not larger."""
        if not _is_shape(self.shape) or not _are_counts(self.stride, len(self.shape)):
            return False
        storage = self.storage
        n_stored = storage.length * storage_itemsize(storage.dtype) // storage_itemsize(self.dtype)
        steps = zip(self.shape, self.stride, strict=True)
        last = self.offset + sum((n - 1) * step for n, step in steps)
        n_values = math.prod(self.shape)
        return not n_values or (n_values <= n_stored and 0 <= self.offset <= last < n_stored)

    def array(self, data: Buffer, order: ByteOrder) -> Array:
        """The numbers, of the storage's bytes in the byte order `<` or `>`; a view where it can."""
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
    """Bytes that protocol 2 wrote as a text, each a character."""

    text: str

    def encoded(self) -> bytes:
        """The bytes. Raises UnicodeEncodeError for characters that are none."""
        return self.text.encode("latin-1")


@dataclass(frozen=True, eq=False)
class PickledArray:
    """A NumPy array that lies in the pickle itself, by row or by column."""

    dtype: str
    order: ByteOrder
    shape: tuple[int, ...]
    by_column: bool
    data: Latin1Text | Buffer | str

    @property
    def size(self) -> int:
        """Bytes of its numbers."""
        return len(self.data.text if isinstance(self.data, Latin1Text) else self.data)

    @property
    def fits_storage(self) -> bool:
        """Whether its bytes are as many as its shape takes."""
        return (
            _is_shape(self.shape)
            and math.prod(self.shape) * storage_itemsize(self.dtype) == self.size
        )

    def array(self) -> Array:
        """The numbers. Raises UnicodeEncodeError as `Text.encoded`."""
        data = Latin1Text(self.data) if isinstance(self.data, str) else self.data
        view: Array = np.ndarray(
            self.shape,
            storage_dtype(self.dtype, self.order),
            memoryview(data.encoded() if isinstance(data, Latin1Text) else data).toreadonly(),
            order="F" if self.by_column else "C",
        )
        return to_numpy_dtype(view, self.dtype)


@dataclass(frozen=True, eq=False)
class UnsupportedTensor:
    """A tensor of another make, by its type: torch.complex64, torch.sparse, …"""

    type_name: str


StoredTensor = TensorView | PickledArray | UnsupportedTensor


def checked_nbytes(source: Source, name: str, leaf: StoredTensor) -> int:
    """Bytes of the array that the leaf will be built to.

    Raises ModelError for a tensor of another make and for one outside its storage.
    """
    if isinstance(leaf, UnsupportedTensor):
        raise unsupported_tensor(source, name, leaf.type_name)
    if not leaf.fits_storage:
        raise ModelError(
            "“{tensor}” in “{name}” should have all the numbers of its shape stored and lie within"
            " them, but its shape, stride or size says otherwise; save a plain copy of it, in"
            " PyTorch with .clone(memory_format=torch.contiguous_format).",
            tensor=shown(name),
            name=shown(source.name),
        )
    return math.prod(leaf.shape) * array_itemsize(leaf.dtype)


def unsupported_tensor(source: Source, tensor: str, make: str) -> ModelError:
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


def finite_floats(name: str, array: Array, answers: Mapping[str, str]) -> Array:
    """The array as read-only float32, or float64 where it came as that or wider.

    answers  nan="zero" reads numbers that are not finite as 0.

    Raises ModelError naming the array for other types and for numbers that are not finite.

    >>> import numpy as np
    >>> finite("w", np.array([np.nan, 1.5], np.float16), {"nan": "zero"}).tolist()
    [0.0, 1.5]
    """
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
        )
    return read_only(np.where(np.isfinite(numbers), numbers, 0) if count else numbers)


def count_nonfinite(array: Array) -> int:
    """How many numbers are NaN or infinite.

    >>> import numpy as np
    >>> n_not_finite(np.array([0.0, np.inf]))
    1
    """
    return int(array.size - np.isfinite(array).sum())
