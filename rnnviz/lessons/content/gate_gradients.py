"""Sizes of the trained LSTM's gradients: at the marked steps, and of its units half way."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content.adding_gradients import TRAINED, lstm_gradients, lstm_trace

HALFWAY = 50


def summed_sizes(signal: str) -> Array:
    """Σ|∂L/∂signal| over the units at every step, (time,)."""
    return np.asarray(np.abs(lstm_gradients(TRAINED)[signal][:, 0]).sum(axis=1))


def _is_marked() -> Array:
    """True at the marked steps, (time,)."""
    return np.asarray(adding.example()[:, adding.MARK] > 0)


def sizes_at_marks(signal: str) -> tuple[float, float]:
    """Mean Σ|∂L/∂signal| over the units at the marked steps, and at the others."""
    every, marked = summed_sizes(signal), _is_marked()
    return float(every[marked].mean()), float(every[~marked].mean())


def _sizes_halfway() -> Array:
    """Sizes of the cell state's gradients at the step half way, (unit,)."""
    return np.asarray(np.abs(lstm_gradients(TRAINED)["cell"][HALFWAY - 1, 0]))


def largest_units(n: int) -> tuple[int, ...]:
    """The `n` units with the largest gradients of the cell state half way."""
    return tuple(map(int, np.argsort(-_sizes_halfway())[:n]))


def mean_input_gate(marked: bool) -> float:
    """Mean input gate of the carrier at the marked steps, or at the others."""
    gate = lstm_trace(TRAINED)["input"][:, 0, adding.carrier()[0]]
    return float(gate[_is_marked() == marked].mean())


def carrier_share() -> float:
    """Share of the carrier in the sizes of the cell state's gradients half way."""
    return float(_sizes_halfway()[adding.carrier()[0]] / _sizes_halfway().sum())
