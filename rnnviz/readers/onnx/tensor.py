"""TensorProto ▶ array: its declared size is compared with its bytes before anything is made.

`onnx.proto`, message TensorProto: raw_data is little-endian; float16 and bfloat16 stand in
int32_data as bits.
"""

from __future__ import annotations

import os
import stat
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.tensors import to_numpy_dtype

# A link in the file's place is not followed, and a pipe is not waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def external_bytes(tensor: Any, size: int, folder: Path | None) -> bytes:
    """The tensor's `size` bytes, from the plain file beside the model that it names.

    Raises ModelError for a path that leads anywhere else, a missing or too short file, and for an
    upload, which has nothing beside it.
    """
    said = {entry.key: entry.value for entry in tensor.external_data}
    location = said.get("location", "")
    offset, length = _number(said, "offset", 0), _number(said, "length", size)
    if folder is None:
        raise ModelError(
            "The weights {tensor} are in another file, “{location}”, but an upload brings one file"
            " alone; save the model with its weights inside.",
            tensor=shown(tensor.name),
            location=shown(location),
        )
    data = _read(folder, location, offset, size) if _is_beside(location) else None
    if data is None or length != size:
        raise ModelError(
            "The weights {tensor} should be {size} bytes of a plain file beside the model, but"
            " “{location}” does not give them; put it there, or save the model with its weights"
            " inside.",
            tensor=shown(tensor.name),
            size=size,
            location=shown(location),
        )
    return data


def _is_beside(location: str) -> bool:
    parts = (Path(location).name, location.replace("\\", "/").split("/")[-1])
    return location not in ("", ".", "..") and "\0" not in location and set(parts) == {location}


def _number(said: dict[str, str], key: str, default: int) -> int:
    text = said.get(key, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if is_number else (default if not text else -1)


def _read(folder: Path, location: str, offset: int, size: int) -> bytes | None:
    path = folder / location
    try:
        if path.is_symlink() or offset < 0:
            return None
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or offset + size > about.st_size:
                return None
            file.seek(offset)
            return file.read(size)
    except OSError:
        return None


_FIELDS = {"float_data": np.float32, "double_data": np.float64, "uint64_data": np.uint64}
_EXTERNAL = 1
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
    count = prod(dims)
    flat = _flat(tensor, -(-count // 2) if kind in _INT4 else count, folder)
    if kind in _INT4:
        return _halves(flat, kind)[:count].reshape(dims)
    if kind in _FLOATS:
        return to_numpy_dtype(flat, _FLOATS[kind]).reshape(dims)
    return flat.astype(NUMPY[kind], copy=False).reshape(dims)


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


def _flat(tensor: Any, count: int, folder: Path | None) -> Array:
    kind, field = _TYPES[tensor.data_type]
    size = count * np.dtype(kind).itemsize
    if tensor.data_location == _EXTERNAL:
        return np.frombuffer(external_bytes(tensor, size, folder), kind)
    if tensor.HasField("raw_data"):
        if len(tensor.raw_data) != size:
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
