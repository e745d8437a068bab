"""TensorProto ▶ array: its declared size is compared with its bytes before anything is made.

`onnx.proto`, message TensorProto: raw_data is little-endian; float16 and bfloat16 stand in
int32_data as bits.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.external import external_bytes

_BFLOAT16 = 16
_EXTERNAL = 1
_MAX_AXES = 8
# By TensorProto.DataType: the type of raw_data, and the field that may stand in its place.
_TYPES = {
    1: ("<f4", "float_data"),
    2: ("u1", "int32_data"),
    3: ("i1", "int32_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("?", "int32_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
    _BFLOAT16: ("<u2", "int32_data"),
}
NUMPY = {number: np.dtype(kind).newbyteorder("=") for number, (kind, _) in _TYPES.items()} | {
    _BFLOAT16: np.dtype(np.float32)
}
"""The NumPy type that each is read into; bfloat16 becomes float32, which holds all its numbers."""


def tensor_array(tensor: Any, folder: Path | None) -> Array:
    """The tensor's numbers in its own shape.

    Raises ModelError for texts and other types, and where declared and present sizes differ.
    """
    dims, kind = tuple(tensor.dims), tensor.data_type
    if kind not in _TYPES:
        raise ModelError(
            "The tensor {tensor} should hold plain numbers, but its ONNX type is {came};"
            " export the model in float32.",
            tensor=shown(tensor.name),
            came=kind,
        )
    if len(dims) > _MAX_AXES or any(size < 0 for size in dims):
        raise _sizes(tensor)
    flat = _flat(tensor, prod(dims), folder)
    if kind == _BFLOAT16:
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    return flat.astype(NUMPY[kind], copy=False).reshape(dims)


def _flat(tensor: Any, count: int, folder: Path | None) -> Array:
    kind, field = _TYPES[tensor.data_type]
    size = count * np.dtype(kind).itemsize
    if tensor.data_location == _EXTERNAL:
        return np.frombuffer(external_bytes(tensor, size, folder), kind)
    if tensor.HasField("raw_data"):
        if len(tensor.raw_data) != size:
            raise _sizes(tensor)
        return np.frombuffer(tensor.raw_data, kind)
    return _typed(tensor, kind, getattr(tensor, field), count)


def _typed(tensor: Any, kind: str, numbers: Any, count: int) -> Array:
    if len(numbers) != count:
        raise _sizes(tensor)
    if kind not in ("<f2", "<u2"):
        return np.fromiter(numbers, kind, count)
    bits = np.fromiter(numbers, np.int64, count)
    return bits.astype("<u2").view(kind)


def _sizes(tensor: Any) -> ModelError:
    return ModelError(
        "The tensor {tensor} should hold as many numbers as its shape {shape} says, but it does"
        " not; export the model again.",
        tensor=shown(tensor.name),
        shape=shown(list(tensor.dims)[:9]),
    )
