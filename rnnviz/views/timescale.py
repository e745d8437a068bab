"""How long a gate that stands still remembers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.core.arrays import Array, frozen


def spans(biases: ArrayLike) -> Array:
    """Steps until 1/e is left of what a forget gate at σ(bias) keeps: τ = −1/ln σ(b) ≈ e^b + ½.

    C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?", ICLR 2018, section 2.

    >>> spans([0, 1, 2]).round(2).tolist()
    [1.44, 3.19, 7.88]
    """
    # ln σ(b) = −ln(1 + e^−b), which also holds where σ(b) rounds to 1.
    return frozen(1 / np.logaddexp(0, -np.asarray(biases, dtype=float)))
