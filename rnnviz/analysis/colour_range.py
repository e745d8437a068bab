"""Ends of the colour scale of a signal."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal

# Of an unbounded signal the scale reaches as far as this share of its numbers, and no farther than
# so many times the farthest number of a unit in the middle; a little more is taken in whole.
_SHARE, _TIMES, _SLACK = 0.98, 4.0, 1.25


def colour_range(signal: Signal, values: Array) -> tuple[float, float]:
    """Ends of the colour scale of a signal with these values (…, unit).

    Gates and probabilities keep 0…1, bounded signals their bounds, others are centred on zero; what
    is never negative begins there. One unit with large numbers does not rule an unbounded
    scale: it then ends before them (`robust_limit`).

    >>> colour_range(Signal("cell", "c", "state", -np.inf, np.inf), np.array([[0.5, -2.0]]))
    (-2.0, 2.0)
    """
    if signal.kind in ("gate", "probability"):
        return signal.low, signal.high
    largest = float(np.nanmax(np.abs(values)))
    is_bounded = np.isfinite(signal.high) and largest <= signal.high
    limit = signal.high if is_bounded else robust_limit(values)
    if signal.low == 0 and limit > 0:
        return 0.0, limit
    return (-limit, limit) if limit > 0 else (-1.0, 1.0)


def robust_limit(values: Array) -> float:
    """End of a scale for values (…, unit): the largest, unless few numbers or units lie far beyond.

    >>> robust_limit(np.array([[1.0, 1.0, 1.0, 60.0]])), robust_limit(np.array([[1.0, 2.0]]))
    (4.0, 2.0)
    """
    sizes = np.abs(values).reshape(-1, values.shape[-1])
    sizes = sizes[~np.isnan(sizes).any(axis=1)]
    largest = float(sizes.max())
    limit = min(quantile(sizes, _SHARE), _TIMES * quantile(sizes.max(axis=0), 0.5))
    return largest if limit <= 0 or largest <= _SLACK * limit else limit


def quantile(values: Array, share: float) -> float:
    """Number below which this share of all numbers lies, linear between two of them.

    `np.quantile` and `np.median` import masked arrays: a megabyte, while the first page waits.

    >>> quantile(np.array([[4.0, 1.0], [3.0, 2.0]]), 0.5)
    2.5
    """
    place = share * (values.size - 1)
    below, above = int(np.floor(place)), int(np.ceil(place))
    ordered = np.partition(values, (below, above), axis=None)
    low, high = float(ordered[below]), float(ordered[above])
    return low + (place - below) * (high - low)
