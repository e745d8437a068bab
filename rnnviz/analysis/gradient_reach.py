"""Reach of a gradient: how many steps back it is still felt, and whether it grows on the way.

R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks",
ICML 2013.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array


@dataclass(frozen=True)
class GradientReach:
    """Reach and growth of a gradient on its way back through time.

    steps   back from the last one to the farthest at which it has 1/e of its norm there or more,
            mean of the rows.
    growth  its norm at the first step over that at the last, geometric mean of the rows: below 1
            it vanishes, far above it explodes.
    """

    steps: float
    growth: float


def gradient_reach(
    norms: Array, lengths: tuple[int, ...], *, is_backward: bool = False
) -> GradientReach | None:
    """Reach of a gradient of given norms; None where no row has one at the step it reads last.

    norms  (time, batch) in the order of the tokens, of the gradient by what each step read or made.

    >>> found = gradient_reach(np.array([[0.125], [0.25], [0.5], [1.0]]), (4,))
    >>> found.steps, round(found.growth, 6)
    (1.0, 0.125)
    """
    steps, ratios = [], []
    for row, length in enumerate(lengths):
        back = norms[:length, row][:: 1 if is_backward else -1].astype(float)
        if 0 < back[0] < np.inf and not np.isnan(back).any():
            steps.append(np.flatnonzero(back >= back[0] / np.e)[-1])
            ratios.append((back[-1], back[0]))
    if not steps:
        return None
    with np.errstate(divide="ignore", over="ignore"):
        growth = np.exp(np.mean([np.log(last / first) for last, first in ratios]))
    return GradientReach(float(np.mean(steps)), float(growth))
