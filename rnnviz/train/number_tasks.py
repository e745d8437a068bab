"""Tasks that read numbers: adding two of many, a memory of three bits, a sum of sines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.train.task import Batch, Task
from rnnviz.train.text_tasks import last_steps


def _sequence(values: Array, features: tuple[str, ...]) -> Sequence:
    return Sequence(values.astype(np.float32), features=features)


# The adding problem: Hochreiter & Schmidhuber (1997), experiment 4, in the form of
# Q. V. Le, N. Jaitly and G. E. Hinton, arXiv:1504.00941 (2015).

ADDING_LENGTH = 100


def adding(generator: np.random.Generator, size: int) -> Batch:
    """Random numbers, one of each half marked; the sum of the two is asked for at the end."""
    values = generator.random((ADDING_LENGTH, size))
    half, rows = ADDING_LENGTH // 2, np.arange(size)
    first, second = generator.integers(half, size=(2, size))
    marks = np.zeros_like(values)
    marks[first, rows] = marks[half + second, rows] = 1
    sequence = _sequence(np.stack([values, marks], axis=2), ("value", "mark"))
    total = (values * marks).sum(axis=0)
    targets = np.broadcast_to(total[:, None], (ADDING_LENGTH, size, 1))
    return Batch(sequence, targets, last_steps(sequence))


# The flip-flop: D. Sussillo and O. Barak, "Opening the Black Box", Neural Computation 25 (2013).

FLIP_LENGTH = 60
PULSES = 0.1
BITS = ("bit 1", "bit 2", "bit 3")


def flip_flop(generator: np.random.Generator, size: int) -> Batch:
    """Rare pulses of +1 and −1 on three lines; each output holds its line's last pulse."""
    shape = (FLIP_LENGTH, size, len(BITS))
    signs = generator.choice([-1.0, 1.0], shape)
    pulses = np.where(generator.random(shape) < PULSES, signs, 0.0)
    # Before its first pulse a line would have nothing to hold.
    pulses[0] = signs[0]
    latest = np.maximum.accumulate(np.where(pulses != 0, np.arange(FLIP_LENGTH)[:, None, None], 0))
    targets = np.take_along_axis(pulses, latest, axis=0)
    return Batch(_sequence(pulses, BITS), targets, np.ones(shape[:2], bool))


# The next value of two sines.

SINES_LENGTH = 100
PERIODS = (5, 30)
SETTLING = 20


def sines(generator: np.random.Generator, size: int) -> Batch:
    """sin(2πt/P + p) + a sin(2πt/Q + q), P and Q of 5 to 30 steps, a up to 1; the next is asked.

    The first 20 steps do not count: two sines cannot be told from fewer.
    """
    periods = generator.uniform(*PERIODS, (2, size))
    phases = generator.uniform(0, 2 * np.pi, (2, size))
    heights = np.stack([np.ones(size), generator.random(size)])
    time = np.arange(SINES_LENGTH + 1)[:, None, None]
    wave = (heights * np.sin(2 * np.pi * time / periods + phases)).sum(axis=1)[:, :, None]
    mask = np.broadcast_to(np.arange(SINES_LENGTH)[:, None] >= SETTLING, (SINES_LENGTH, size))
    return Batch(_sequence(wave[:-1], ("value",)), wave[1:], mask)


NUMBER_TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="adding",
            kind="regress",
            vocabulary=(),
            outputs=("sum",),
            length=ADDING_LENGTH,
            metric="error",
            # The variance of a sum of two numbers drawn evenly from 0 to 1.
            chance=1 / 6,
            training_batch=adding,
            held_out_batch=adding,
            features=("value", "mark"),
        ),
        Task(
            name="flip_flop",
            kind="regress",
            vocabulary=(),
            outputs=BITS,
            length=FLIP_LENGTH,
            metric="accuracy",
            chance=0.5,
            training_batch=flip_flop,
            held_out_batch=flip_flop,
            features=BITS,
        ),
        Task(
            name="sines",
            kind="regress",
            vocabulary=(),
            outputs=("next value",),
            length=SINES_LENGTH,
            metric="error",
            # The variance of the wave: 1/2 of the first sine, and a mean of a²/2 = 1/6.
            chance=2 / 3,
            training_batch=sines,
            held_out_batch=sines,
            features=("value",),
        ),
    )
}
