"""Two limits of a gradient: truncation, of its steps back, and clipping, of its norm."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.gradients import Gradients, gradients
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content.adding_gradients import (
    LEARNING,
    last_step_only,
    lstm_at,
    lstm_gradients,
    numbers_read,
)

CLIPPED_ROWS = 24


def all_weights(found: Gradients) -> Array:
    """Gradient with respect to all weights, readout included, (weight,)."""
    every = [*(layer.weights for layer in found.layers), found.readout]
    return np.concatenate([array.ravel() for one in every for array in one.values()])


def cosine(one: Array, other: Array) -> float:
    """Cosine of the angle between two gradients."""
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def truncated(steps: int) -> tuple[float, float, float]:
    """Norm of the truncated gradient as a share of the whole, its cosine with it, and the size of
    the gradient with respect to the first marked number."""
    whole, short = lstm_gradients(LEARNING), lstm_gradients(LEARNING, steps)
    value = float(abs(short.inputs[adding.marks()[0], 0, adding.VALUE]))
    return short.norm / whole.norm, cosine(all_weights(short), all_weights(whole)), value


def steps_to_first_mark() -> int:
    """Steps that a truncation has to go back to reach the first marked number."""
    return numbers_read().n_steps - adding.marks()[0]


@cache
def row_norms() -> Array:
    """Norm of the gradient of every held-out sequence while the error falls, smallest first."""
    batch = adding.adding_batch()
    values, sums = batch.sequence.values, adding.true_sums()
    found = [
        gradients(
            lstm_at(LEARNING),
            Sequence(values[:, row : row + 1]),
            last_step_only(float(sums[row]), len(values)),
        ).norm
        for row in range(CLIPPED_ROWS)
    ]
    return np.sort(found)


def clip_factor(norm: float, limit: float) -> float:
    """Factor that clipping by norm puts before a gradient."""
    return min(1.0, limit / norm) if norm else 1.0


def clipped_cosine(limit: float) -> float:
    """Cosine of the angle between the whole gradient and the clipped one."""
    whole = all_weights(lstm_gradients(LEARNING))
    return cosine(clip_factor(float(np.linalg.norm(whole)), limit) * whole, whole)
