"""Sketch of a signal over a corpus: moments, a histogram and the farthest contexts of each unit.

Two sketches add up to that of both parts; in the same order the sum has the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.corpus.moments import Moments
from rnnviz.corpus.tops import Tops

N_BINS = 40
# One step of a row in four is counted: a histogram needs no more.
HISTOGRAM_STRIDE = 4


@dataclass(frozen=True, eq=False)
class SignalSketch:
    """What is kept of one signal.

    parts      moments of the rows to choose on and of those held out.
    histogram  (unit, bin): every fourth step of a row, in 40 bins of `bin_edges`.
    highest    contexts of the largest numbers; `lowest`, of the smallest, their sign turned.
    """

    parts: tuple[Moments, Moments]
    histogram: Array
    highest: Tops
    lowest: Tops

    @staticmethod
    def empty(n_units: int, n_features: int, n_tokens: int) -> SignalSketch:
        """Sketch of nothing yet."""
        moments, tops = Moments.empty(n_units, n_features, n_tokens), Tops.empty(n_units)
        histogram = np.zeros((n_units, N_BINS), np.int64)
        return SignalSketch((moments, moments), histogram, tops, tops)

    def __add__(self, other: SignalSketch) -> SignalSketch:
        return SignalSketch(
            (self.parts[0] + other.parts[0], self.parts[1] + other.parts[1]),
            self.histogram + other.histogram,
            self.highest.merged(other.highest),
            self.lowest.merged(other.lowest),
        )

    @property
    def moments(self) -> Moments:
        """Moments of both parts."""
        return self.parts[0] + self.parts[1]

    @property
    def saturation(self) -> tuple[Array, Array]:
        """Shares of steps, (unit,) each, in the lowest and in the highest tenth of the range.

        Of a signal without bounds, of v/(1 + |v|): below −4 and above 4.
        """
        tenth, total = N_BINS // 10, np.maximum(1, self.histogram.sum(axis=1))
        low, high = self.histogram[:, :tenth], self.histogram[:, -tenth:]
        return low.sum(axis=1) / total, high.sum(axis=1) / total


def histogram(signal: Signal, states: Array) -> Array:
    """Counts (unit, bin) of states (step, unit)."""
    low, per, is_open = scale(signal)
    taken = states / (1 + np.abs(states)) if is_open else states
    places = ((taken - low) * per).astype(np.int32)
    np.clip(places, 0, N_BINS - 1, out=places)
    places += np.arange(states.shape[1], dtype=np.int32) * N_BINS
    counts = np.bincount(places.ravel(), minlength=states.shape[1] * N_BINS)
    return counts.reshape(-1, N_BINS)


def scale(signal: Signal) -> tuple[float, float, bool]:
    """Lowest number of a signal, bins per unit of it, and whether v/(1 + |v|) is binned, not v."""
    low, high = _range(signal)
    return low, N_BINS / (high - low), isinf(signal.low) or isinf(signal.high)


def bin_edges(signal: Signal) -> Array:
    """Edges (41,) of a signal's bins: even in its range, and in v/(1 + |v|) where it has none.

    >>> from rnnviz.cells import CELLS
    >>> bin_edges(CELLS["lstm"].signal("forget"))[[0, 4, 36, 40]].round(1).tolist()
    [0.0, 0.1, 0.9, 1.0]
    """
    edges = np.linspace(*_range(signal), N_BINS + 1)
    if isinf(signal.low) or isinf(signal.high):
        with np.errstate(divide="ignore"):
            return np.asarray(edges / (1 - np.abs(edges)))
    return edges


def outer_edges(signal: Signal) -> tuple[float, float]:
    """Ends of the lowest and the highest tenth of a signal's bins.

    >>> from rnnviz.cells import CELLS
    >>> [round(one, 6) for one in outer_edges(CELLS["lstm"].signal("cell"))]
    [-4.0, 4.0]
    """
    edges, tenth = bin_edges(signal), N_BINS // 10
    return float(edges[tenth]), float(edges[-1 - tenth])


def _range(signal: Signal) -> tuple[float, float]:
    is_open = isinf(signal.low) or isinf(signal.high)
    return (-1.0, 1.0) if is_open else (signal.low, signal.high)
