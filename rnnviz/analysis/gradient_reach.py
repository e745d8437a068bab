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
    rows, ends = np.arange(len(lengths)), np.asarray(lengths) - 1
    first, last = (ends, 0) if is_backward else (0, ends)
    begins, at_end = norms[first, rows].astype(float), norms[last, rows].astype(float)
    is_real = np.arange(len(norms))[:, None] <= ends
    is_known = (at_end > 0) & (at_end < np.inf) & ~(np.isnan(norms) & is_real).any(axis=0)
    if not is_known.any():
        return None
    is_felt = is_real & (norms >= at_end / np.e)
    # The farthest step: the first of the tokens, or for who reads them backward the last.
    steps = len(norms) - 1 - is_felt[::-1].argmax(0) if is_backward else ends - is_felt.argmax(0)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        growth = np.exp(np.mean(np.log(begins / at_end)[is_known]))
    return GradientReach(float(steps[is_known].mean()), float(growth))
