"""Number types of stored tensors, by their PyTorch names, and their NumPy values."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array

ByteOrder = Literal["<", ">"]
# NumPy type of the stored numbers by PyTorch dtype.
STORAGE_DTYPES = {
    **{name: name for name in ("float64", "float32", "float16")},
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{"complex64": "complex64", "complex128": "complex128"},
    **{"qint8": "int8", "quint8": "uint8", "qint32": "int32"},
    "bool": "uint8",
    "bfloat16": "uint16",
    "float8_e4m3fn": "uint8",
    "float8_e5m2": "uint8",
    "float8_e4m3fnuz": "uint8",
    "float8_e5m2fnuz": "uint8",
    "float8_e8m0fnu": "uint8",
}
_FLOAT8_NANS = {
    "float8_e4m3fn": (0x7F, 0xFF),
    "float8_e5m2": (0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF),
    "float8_e4m3fnuz": (0x80,),
    "float8_e5m2fnuz": (0x80,),
}


def storage_dtype(dtype: str, order: ByteOrder) -> np.dtype[Any]:
    """NumPy dtype of the stored numbers of a PyTorch dtype.

    >>> storage_dtype("bfloat16", ">")
    dtype('>u2')
    """
    return np.dtype(STORAGE_DTYPES[dtype]).newbyteorder(order)


def storage_itemsize(dtype: str) -> int:
    """Bytes of one stored number.

    >>> storage_itemsize("bfloat16")
    2
    """
    return np.dtype(STORAGE_DTYPES[dtype]).itemsize


def array_itemsize(dtype: str) -> int:
    """Bytes of one number in the array of `to_numpy_dtype`.

    >>> array_itemsize("bfloat16")
    4
    """
    return 4 if dtype.startswith(("float8", "float16", "bfloat16")) else storage_itemsize(dtype)


def to_numpy_dtype(stored: Array, dtype: str) -> Array:
    """Array of any shape converted from stored numbers to a NumPy float, integer or bool.

    >>> to_numpy_dtype(np.array([0x3FC0], np.uint16), "bfloat16")
    array([1.5], dtype=float32)
    """
    if dtype == "bool":
        return np.asarray(stored != 0)
    if dtype == "bfloat16":
        # The upper half of a float32.
        return np.asarray(stored.astype(np.uint32) << 16).view(np.float32)
    if dtype == "float16":
        return stored.astype(np.float32)
    if dtype.startswith("float8"):
        return np.asarray(_float8_values(dtype)[stored])
    return stored.astype(stored.dtype.newbyteorder("="), copy=False)


@cache
def _float8_values(dtype: str) -> Array:
    """Values of the 256 codes of an 8-bit float."""
    if dtype == "float8_e8m0fnu":
        powers = np.exp2(np.arange(256) - 127.0)
        return np.where(np.arange(256) == 255, np.nan, powers).astype(np.float32)
    exponent_bits, mantissa_bits = int(dtype[8]), int(dtype[10])
    bias = 2 ** (exponent_bits - 1) - (0 if dtype.endswith("uz") else 1)
    values = _decode_float8(mantissa_bits, bias)
    values[list(_FLOAT8_NANS[dtype])] = np.nan
    if dtype == "float8_e5m2":
        values[[0x7C, 0xFC]] = np.inf, -np.inf
    return values.astype(np.float32)


def _decode_float8(mantissa_bits: int, bias: int) -> Array:
    """`(−1)^s 2^(e − bias) (1 + m)`, and `(−1)^s 2^(1 − bias) m` where e is 0."""
    codes = np.arange(256)
    sign = 1 - 2 * (codes >> 7)
    exponent = (codes & 127) >> mantissa_bits
    mantissa = (codes % 2**mantissa_bits) / 2**mantissa_bits
    normal = (1 + mantissa) * np.exp2(exponent - float(bias))
    return np.asarray(sign * np.where(exponent, normal, mantissa * 2.0 ** (1 - bias)))
