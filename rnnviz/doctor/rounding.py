"""Numbers that are the same to rounding, and the types of few bits that numbers are rounded to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array

ROUNDING = 2.0**-20
"""Error that a few operations in float32 may make, as a part of the largest number's size."""
_SAMPLE = 64  # numbers that tell two large arrays apart before all of them are looked at
_MOST_LEVELS = 255  # of an int8 on either side of its zero point
_MOST_OF_FOUR_BITS = 15
_ON_A_LEVEL = 1e-3  # of a level's height
_FEW = 3  # numbers, all of which lie on some grid of 255 levels


def size_of(*arrays: Array) -> float:
    """The largest size of a number in any of them."""
    return max((float(np.abs(array).max(initial=0.0)) for array in arrays), default=0.0)


def is_same(one: Array, other: Array, size: float) -> bool:
    """True for arrays of one shape, equal to float32's rounding of numbers of this size.

    >>> is_same(np.array([0.1]), np.array([0.1], np.float32), 0.1)
    True
    """
    if one.shape != other.shape:
        return False
    step = max(1, one.size // _SAMPLE)
    samples = one.ravel()[::step], other.ravel()[::step]
    pairs = (samples, (one, other)) if step > 1 else ((one, other),)
    return all(bool((np.abs(a - b) <= ROUNDING * size).all()) for a, b in pairs)


def as_float16(values: Array) -> Array:
    """Numbers rounded to half precision; those beyond it are infinite."""
    with np.errstate(over="ignore"):
        return values.astype(np.float16).astype(np.float64)


def as_bfloat16(values: Array) -> Array:
    """Numbers rounded to the eight bits of bfloat16, ties to even; those beyond it are infinite.

    >>> as_bfloat16(np.array([1.0, 1.01])).tolist()
    [1.0, 1.0078125]
    """
    with np.errstate(over="ignore"):
        bits = values.astype(np.float32).view(np.uint32)
    even = (bits >> 16) & np.uint32(1)
    rounded = (bits + np.uint32(0x7FFF) + even) & np.uint32(0xFFFF0000)
    return rounded.view(np.float32).astype(np.float64)


def as_int8(fine: Array, coarse: Array) -> Array | None:
    """Numbers (gate, unit, …) rounded to the levels on which others of the same shape lie.

    The levels are k · scale with a whole k, one scale for all gates, for each gate, for each of
    their rows or for each column: what symmetric, asymmetric and per-channel quantisation leave.
    None where the others lie on no such levels, on as few as those of four bits, or are not the
    nearest ones.
    """
    if fine.shape != coarse.shape:
        return None
    for axes in _scale_axes(fine.ndim):
        scales = _scales(coarse, axes)
        if scales is None:
            continue
        nearest = np.round(fine / scales) * scales
        # A number in the middle goes either way; the end of the range is one level long.
        is_near = np.abs(fine - coarse) <= 0.51 * scales
        is_end = np.abs(coarse) >= np.abs(coarse).max(axis=axes, keepdims=True) - 0.5 * scales
        is_cut = (
            is_end & (np.abs(fine) >= np.abs(coarse)) & (np.abs(fine - coarse) <= 1.01 * scales)
        )
        if (is_near | is_cut).all():
            return np.where(is_near | is_cut, coarse, nearest)
    return None


def _scale_axes(n_axes: int) -> Iterator[tuple[int, ...]]:
    """Axes over which a scale is one: of all gates, of each gate, of each row, of each column."""
    yield from (tuple(range(first, n_axes)) for first in range(n_axes))
    yield tuple(range(n_axes - 1))


def _scales(coarse: Array, axes: tuple[int, ...]) -> Array | None:
    """Height of a level in every group of numbers; None where one lies on no levels."""
    kept = [axis for axis in range(coarse.ndim) if axis not in axes]
    size = int(np.prod([coarse.shape[axis] for axis in axes]))
    groups = coarse.transpose(*kept, *axes).reshape(-1, size)
    found = [_scale(group) for group in groups]
    if any(scale is None for scale in found):
        return None
    shape = tuple(1 if axis in axes else n for axis, n in enumerate(coarse.shape))
    return np.array(found).reshape(shape)


def _scale(values: Array) -> Any:
    """The largest height of which all numbers are whole multiples up to 255."""
    sizes = np.unique(np.abs(values[values != 0]))
    if len(sizes) < _FEW:
        return None
    some = sizes[:: max(1, len(sizes) // _SAMPLE)]
    candidates = sizes[-1] / np.arange(1, _MOST_LEVELS + 1)
    fitting = candidates[_are_levels(some, candidates)]
    # Of fewer levels there is an int4.
    wide = fitting[sizes[-1] / fitting > _MOST_OF_FOUR_BITS + 0.5]
    return next((scale for scale in wide if _are_levels(sizes, scale[None]).all()), None)


def _are_levels(sizes: Array, scales: Array) -> Array:
    levels = sizes[None] / scales[:, None]
    return np.asarray((np.abs(levels - np.round(levels)) < _ON_A_LEVEL).all(axis=1))
