"""Gradient of the carrier's cell state, and what of it the forget gates alone hand on."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content.adding_gradients import lstm_gradients, lstm_trace


def carrier_gradient(moment: int) -> tuple[Array, Array]:
    """Gradient of the carrier's cell state at every step, and what of the step before the second
    mark comes along the forget gates alone, (time,); NaN after that step."""
    unit, start = adding.carrier()[0], adding.marks()[1] - 1
    total = lstm_gradients(moment)["cell"][:, 0, unit]
    forget = lstm_trace(moment)["forget"][:, 0, unit].astype(float)
    alone = np.full(len(total), np.nan)
    alone[start] = total[start]
    for step in range(start, 0, -1):
        alone[step - 1] = alone[step] * forget[step]
    return total, alone


def between_marks(moment: int) -> tuple[float, float]:
    """Factor by which the carrier's gradient changes from the step before the second mark back to
    the first mark, and the product of its forget gates there."""
    (first, second), (total, alone) = adding.marks(), carrier_gradient(moment)
    start = second - 1
    return float(total[first] / total[start]), float(alone[first] / alone[start])


def most_left_by_the_gates(moment: int) -> float:
    """Product of the forget gates on the way back to the first step, in the unit with most."""
    return float(lstm_trace(moment)["forget"][1:, 0].astype(float).prod(axis=0).max())
