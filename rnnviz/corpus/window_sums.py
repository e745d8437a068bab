"""What is taken from a window's states before it is gone, by NumPy or by a compiled loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.corpus.moments import Moments, StateSums, StepFeatures
from rnnviz.corpus.shard_inputs import StateWindow
from rnnviz.corpus.sketch import HISTOGRAM_STRIDE, histogram
from rnnviz.corpus.tops import Farthest, FarthestOf


@dataclass(frozen=True, eq=False)
class WindowSums:
    """Sums of a signal over a window.

    histogram        (unit, bin).
    highest, lowest  where the units are farthest out.
    """

    moments: Moments
    histogram: Array
    highest: Farthest
    lowest: Farthest


WindowSummer = Callable[[Signal, StateWindow, StepFeatures], WindowSums]


def summer(is_compiled: bool) -> WindowSummer:
    """The way to sum, a compiled one where it pays to load it."""
    if not is_compiled:
        return numpy_sums
    from rnnviz.corpus.numba_sums import compiled_sums

    return compiled_sums


def numpy_sums(signal: Signal, window: StateWindow, features: StepFeatures) -> WindowSums:
    """Sums of a signal over a window."""
    states, is_own = window.signals[signal.name], window.is_own
    flat = states.reshape(-1, states.shape[2])
    binned = slice(-window.start % HISTOGRAM_STRIDE, None, HISTOGRAM_STRIDE)
    return WindowSums(
        Moments.of(flat, features, StateSums.of(flat, features)),
        histogram(signal, states[binned][is_own[binned]]),
        FarthestOf(states, is_own, 1),
        FarthestOf(states, is_own, -1),
    )
