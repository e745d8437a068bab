"""TensorProto ▶ array: its declared size is compared with its bytes before anything is made.

`onnx.proto`, message TensorProto: raw_data is little-endian; float16 and bfloat16 stand in
int32_data as bits.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.number_types import to_numpy_dtype
from rnnviz.readers.onnx.external import external_bytes, is_beside
from rnnviz.readers.result import Source

_FIELDS = {"float_data": np.float32, "double_data": np.float64, "uint64_data": np.uint64}
_MAX_AXES = 8
_INT4 = {21: "uint4", 22: "int4"}
_FLOATS = {
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
}
# By TensorProto.DataType: the type of raw_data, and the field that may stand in its place.
_TYPES = {
    1: ("<f4", "float_data"),
    2: ("u1", "int32_data"),
    3: ("i1", "int32_data"),
    4: ("<u2", "int32_data"),
    5: ("<i2", "int32_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("?", "int32_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
    12: ("<u4", "uint64_data"),
    13: ("<u8", "uint64_data"),
    16: ("<u2", "int32_data"),
    **dict.fromkeys((*_INT4, 17, 18, 19, 20), ("u1", "int32_data")),
}
NUMPY = {number: np.dtype(kind).newbyteorder("=") for number, (kind, _) in _TYPES.items()} | {
    16: np.dtype(np.float32)
}
"""The NumPy type that each is read into; bfloat16 becomes float32, which holds all its numbers."""


def type_name(number: int) -> str:
    """A TensorProto.DataType as NumPy or ml_dtypes name it.

    >>> type_name(10), type_name(22)
    ('float16', 'int4')
    """
    return _INT4.get(number) or _FLOATS.get(number) or str(NUMPY.get(number, number))


def tensor_array(tensor: Any, source: Source) -> Array:
    """The tensor's numbers in its own shape.

    Raises ModelError for texts and other types, and where declared and present sizes differ.
    """
    check_tensor(tensor)
    dims, kind = tuple(tensor.dims), tensor.data_type
    flat = _flat(tensor, source)
    if kind in _INT4:
        return _halves(flat, kind)[: prod(dims)].reshape(dims)
    if kind in _FLOATS:
        return to_numpy_dtype(flat, _FLOATS[kind]).reshape(dims)
    return flat.astype(NUMPY[kind], copy=False).reshape(dims)


def check_tensor(tensor: Any) -> None:
    """Raise ModelError for a type that holds no plain numbers, and for a senseless shape."""
    if tensor.data_type not in _TYPES:
        raise ModelError(
            "The tensor {tensor} should hold plain numbers, but its ONNX type is {came};"
            " export the model in float32.",
            tensor=shown(tensor.name),
            came=tensor.data_type,
        )
    if len(tensor.dims) > _MAX_AXES or any(size < 0 for size in tensor.dims):
        raise _sizes(tensor)


def _halves(packed: Array, kind: int) -> Array:
    """Two numbers of four bits in each byte, the lower half first."""
    codes = np.stack([packed & 15, packed >> 4], axis=-1).reshape(-1)
    import ml_dtypes

    return codes.astype(np.int8).astype(getattr(ml_dtypes, _INT4[kind]))


def widen(array: Array) -> Array:
    """Floats of half precision as float32, which holds all their numbers; others as they are.

    >>> widen(np.ones(2, np.float16)).dtype
    dtype('float32')
    """
    return array.astype(np.float32) if array.itemsize < 4 else array


def stored_size(tensor: Any) -> tuple[int, int]:
    """How many numbers a tensor stores, two of four bits as one, and the bytes of each.

    Raises ModelError as `check_tensor` does.
    """
    check_tensor(tensor)
    count = prod(tensor.dims)
    kind, _ = _TYPES[tensor.data_type]
    return -(-count // 2) if tensor.data_type in _INT4 else count, np.dtype(kind).itemsize


def _flat(tensor: Any, source: Source) -> Array:
    kind, field = _TYPES[tensor.data_type]
    count, itemsize = stored_size(tensor)
    if is_beside(tensor):
        return np.frombuffer(external_bytes(tensor, count * itemsize, source), kind)
    if tensor.HasField("raw_data"):
        if len(tensor.raw_data) != count * itemsize:
            raise _sizes(tensor)
        return np.frombuffer(tensor.raw_data, kind)
    return _typed(tensor, kind, field, count)


def _typed(tensor: Any, kind: str, field: str, count: int) -> Array:
    numbers = getattr(tensor, field)
    if len(numbers) != count:
        raise _sizes(tensor)
    wide = np.fromiter(numbers, _FIELDS.get(field, np.int64), count)
    return wide.astype("<u2").view(kind) if kind == "<f2" else wide.astype(kind)


def _sizes(tensor: Any) -> ModelError:
    return ModelError(
        "The tensor {tensor} should hold as many numbers as its shape {shape} says, but it does"
        " not; export the model again.",
        tensor=shown(tensor.name),
        shape=shown(list(tensor.dims)[:9]),
    )
