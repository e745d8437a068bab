"""Stored numbers ▶ arrays NumPy computes with: bfloat16, float16, 8-bit floats become float32.

8-bit floats: Micikevicius et al. (2022), "FP8 formats for deep learning", table 1; the fnuz kinds:
Noune et al. (2022), "8-bit numerical formats for deep neural networks"; e8m0: OCP Microscaling 1.0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array

Order = Literal["<", ">"]
# What a number is stored as, by its PyTorch name.
STORED = {
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


def stored_type(kind: str, order: Order) -> np.dtype[Any]:
    """How one number is stored, in the byte order given.

    >>> stored_type("bfloat16", ">")
    dtype('>u2')
    """
    return np.dtype(STORED[kind]).newbyteorder(order)


def item_size(kind: str) -> int:
    """Bytes of one stored number.

    >>> item_size("bfloat16")
    2
    """
    return np.dtype(STORED[kind]).itemsize


def built_size(kind: str) -> int:
    """Bytes of one number in the array `widened` gives.

    >>> built_size("bfloat16")
    4
    """
    return 4 if kind.startswith(("float8", "float16", "bfloat16")) else item_size(kind)


def widened(stored: Array, kind: str) -> Array:
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
