"""What stands after a row's end: zeros where a network reads, NaN where people look."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence


def is_even(sequence: Sequence) -> bool:
    """Whether no row ends before another."""
    return min(sequence.lengths) == sequence.n_steps


def real(array: Array, sequence: Sequence) -> Array:
    """Zero where a row has ended; as it came where none ends early."""
    if is_even(sequence):
        return array
    return np.where(sequence.is_real[:, :, None], array, array.dtype.type(0))


def padded(array: Array, sequence: Sequence) -> Array:
    """NaN where a row has ended; as it came where none ends early."""
    if is_even(sequence):
        return array
    return np.where(sequence.is_real[:, :, None], array, array.dtype.type(np.nan))
