"""The choices of a learner between two sides, of which one pays more often; the sides change.

The learner follows a rule that is known, so that what a network learns of its choices can be held
against the rule: L. Ji-An, M. K. Benna and M. G. Mattar, "Discovering cognitive strategies with
tiny recurrent neural networks", Nature (2025).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.train.task import Batch, Task
from rnnviz.train.text_tasks import one_hot_sequence, padded_labels

# A trial: the side chosen, a capital letter where it paid.
TRIALS = ("L", "l", "R", "r")
CHOICES_LENGTH = 100
PAYS, REVERSAL = 0.8, 0.05
LEARNING_RATE, DETERMINISM = 0.4, 5.0


def chance_of_right(values: Array) -> Array:
    """The rule's probability of choosing right, from the values (…, side): softmax (Q-learning)."""
    return np.asarray(1 / (1 + np.exp(DETERMINISM * (values[..., 0] - values[..., 1]))))


def learned_values(values: Array, side: Array, paid: Array) -> Array:
    """Values (row, side) after a trial: that of the side chosen moves towards what it paid."""
    chosen = np.eye(2)[side]
    return np.asarray(values + LEARNING_RATE * chosen * (paid[:, None] - values))


def drawn_trials(generator: np.random.Generator, length: int, size: int) -> tuple[Array, Array]:
    """Sides chosen and what they paid, each (trial, row) of 0 and 1, by the rule."""
    better = generator.integers(2, size=size)
    values = np.full((size, 2), 0.5)
    sides, paid = np.zeros((2, length, size), np.int64)
    for t in range(length):
        sides[t] = generator.random(size) < chance_of_right(values)
        paid[t] = generator.random(size) < np.where(sides[t] == better, PAYS, 1 - PAYS)
        values = learned_values(values, sides[t], paid[t])
        better = np.where(generator.random(size) < REVERSAL, 1 - better, better)
    return sides, paid


def choices(generator: np.random.Generator, size: int) -> Batch:
    """A hundred trials of a learner; after each the side that it chooses next is asked."""
    sides, paid = drawn_trials(generator, CHOICES_LENGTH + 1, size)
    rows = [[TRIALS[i] for i in row] for row in (2 * sides + 1 - paid)[:-1].T]
    targets = padded_labels(sides[1:].T.tolist())
    return Batch(one_hot_sequence(rows, TRIALS), targets, np.ones(targets.shape, bool))


CHOICE_TASKS: Mapping[str, Task] = {
    "choices": Task(
        name="choices",
        kind="tag",
        vocabulary=TRIALS,
        outputs=("left", "right"),
        length=CHOICES_LENGTH,
        metric="accuracy",
        chance=0.5,
        training_batch=choices,
        held_out_batch=choices,
        rate=0.01,
    )
}
