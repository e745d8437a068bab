"""Where the steps of a run stand in a figure, so that the player's step can be marked in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array


@dataclass(frozen=True, eq=False)
class StepMark:
    """A mark that follows the player's step over a pair of axes.

    x and y  place of every step (time,) in the axis' own numbers, where categories count from 0;
             NaN for a step that stands nowhere, None for the whole length of the axis.
    axes     the number of the pair of axes, from 1.
    radius   of a ring in pixels; 0 for a box as large as a step.
    """

    x: Array | None = None
    y: Array | None = None
    axes: int = 1
    radius: float = 0


def column(n_steps: int, start: int = 0, axes: int = 1) -> StepMark:
    """A band over an axis of steps that runs to the right.

    start  the axis' number of the first step: 0 for categories.

    >>> column(3, 1).x.tolist()
    [1, 2, 3]
    """
    return StepMark(x=np.arange(n_steps) + start, axes=axes)


def crossing(n_steps: int, start: int = 0, axes: int = 1) -> tuple[StepMark, StepMark]:
    """Bands over both axes of a map of steps by steps; a click means the row's step.

    >>> [mark.x is None for mark in crossing(3)]
    [True, False]
    """
    return StepMark(y=np.arange(n_steps) + start, axes=axes), column(n_steps, start, axes)
