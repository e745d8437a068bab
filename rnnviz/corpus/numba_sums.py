"""Sums of a window's states in one pass, compiled by numba; imported only where it pays.

Everything that `window_sums.numpy_sums` takes in a pass each is taken while a row of states is in
the cache. The sums are double, in the order of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.corpus.moments import Moments, StateSums, StepFeatures, near_mean
from rnnviz.corpus.shard_inputs import StateWindow
from rnnviz.corpus.sketch import HISTOGRAM_STRIDE, N_BINS, scale
from rnnviz.corpus.window_sums import WindowSums
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS


@dataclass(frozen=True, eq=False)
class _Farthest:
    """The largest numbers (row, unit) of a window, and their steps."""

    values: Array
    at: Array

    @staticmethod
    def none(n_rows: int, n_units: int, number: Any) -> _Farthest:
        """Before any step."""
        shape = n_rows, n_units
        return _Farthest(np.full(shape, -np.inf, number), np.zeros(shape, np.int32))

    @property
    def of_units(self) -> Array:
        """The largest number of every unit, (unit,)."""
        return np.asarray(self.values.max(axis=0))

    def of_rows(self, units: Array) -> tuple[Array, Array]:
        """The largest number of some units in each row, (unit, row), and its step in the window."""
        return self.values[:, units].T, self.at[:, units].T


def compiled_sums(signal: Signal, window: StateWindow, features: StepFeatures) -> WindowSums:
    """Sums of a signal over a window."""
    states = window.signals[signal.name]
    _, n_rows, n_units = states.shape
    flat = states.reshape(-1, n_units)
    near = near_mean(flat)
    squares, tokens = np.zeros(n_units), np.zeros((len(features.counts), n_units))
    ids = features.ids.reshape(window.steps.shape)
    _sums(states, window.is_own, ids, near, squares, tokens)
    counts = np.zeros((n_units, N_BINS), np.int32)
    low, per, is_open = scale(signal)
    number = states.dtype.type
    first = -window.start % HISTOGRAM_STRIDE
    _count(states, window.is_own, first, number(low), number(per), is_open, counts)
    highest, lowest = (_Farthest.none(n_rows, n_units, number) for _ in range(2))
    _farthest(states, window.is_own, highest.values, highest.at, lowest.values, lowest.at)
    moments = Moments.of(flat, features, StateSums(near, squares, tokens))
    return WindowSums(moments, counts.astype(np.int64), highest, lowest)


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _sums(
    states: Array, is_own: Array, ids: Array, near: Array, squares: Array, tokens: Array
) -> None:
    for t in range(states.shape[0]):
        for row in range(states.shape[1]):
            if is_own[t, row]:
                state, total = states[t, row], tokens[ids[t, row]]
                for j in range(state.size):
                    around = np.float64(state[j] - near[j])
                    squares[j] += around * around
                    total[j] += around


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _farthest(
    states: Array, is_own: Array, highest: Array, high_at: Array, lowest: Array, low_at: Array
) -> None:
    for row in range(states.shape[1]):
        high, low, at_high, at_low = highest[row], lowest[row], high_at[row], low_at[row]
        for t in range(states.shape[0]):
            if is_own[t, row]:
                state, step = states[t, row], np.int32(t)
                for j in range(state.size):
                    value = state[j]
                    at_high[j] = step if value > high[j] else at_high[j]
                    high[j] = value if value > high[j] else high[j]
                    at_low[j] = step if -value > low[j] else at_low[j]
                    low[j] = -value if -value > low[j] else low[j]


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _count(
    states: Array, is_own: Array, first: int, low: Any, per: Any, is_open: bool, counts: Array
) -> None:
    one, last = per / per, N_BINS - 1
    for t in range(first, states.shape[0], HISTOGRAM_STRIDE):
        for row in range(states.shape[1]):
            if is_own[t, row]:
                state = states[t, row]
                for j in range(state.size):
                    value = state[j] / (one + abs(state[j])) if is_open else state[j]
                    place = int((value - low) * per)
                    counts[j, min(max(place, 0), last)] += 1
