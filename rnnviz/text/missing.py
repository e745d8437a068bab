"""Missing numbers, and the ways to fill them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.core.arrays import Array

Missing = Literal["interpolate", "previous", "mean", "zero", "drop", "refuse"]


def filled(values: Array, how: str) -> Array:
    """The numbers (time,) with every NaN filled; at least one must be present.

    interpolate  on the straight line between the neighbours; at the ends, the nearest.
    previous     as the step before; at the start, as the first that is present.
    mean, zero   the mean of what is present; 0.

    >>> filled(np.array([1.0, np.nan, 3.0]), "interpolate").tolist()
    [1.0, 2.0, 3.0]
    """
    gaps = np.isnan(values)
    return np.where(gaps, _FILL[how](values, gaps), values) if gaps.any() else values


def _interpolate(values: Array, gaps: Array) -> Array:
    steps = np.arange(len(values))
    return np.interp(steps, steps[~gaps], values[~gaps])


def _previous(values: Array, gaps: Array) -> Array:
    latest = np.maximum.accumulate(np.where(gaps, -1, np.arange(len(values))))
    first = int(np.argmin(gaps))
    result: Array = values[np.where(latest < 0, first, latest)]
    return result


def _mean(values: Array, gaps: Array) -> Array:
    return np.full_like(values, values[~gaps].mean())


def _zero(values: Array, gaps: Array) -> Array:
    return np.zeros_like(values)


_FILL: dict[str, Callable[[Array, Array], Array]] = {
    "interpolate": _interpolate,
    "previous": _previous,
    "mean": _mean,
    "zero": _zero,
}
