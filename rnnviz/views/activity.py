"""A whole recording in one line: where its units stray farthest from their mean."""

from __future__ import annotations

import numpy as np

from rnnviz.frozen import Array
from rnnviz.long.recording import Recording


def activity(recording: Recording, layer: int = 0, *, columns: int = 1024) -> Array:
    """The farthest that any unit's hidden state strays from its mean in every column, 0…1.

    Columns are at most so many, of equal steps, and the largest is 1: a single step that stands out
    is seen however long the sequence is.
    """
    width = recording.layers[layer].widths["hidden"]
    fold = recording.fold(layer, "hidden", 0, recording.n_steps, columns, width)
    usual = fold.usual[:, None]
    strayed = np.maximum(fold.most - usual, usual - fold.least).max(axis=0)
    largest = float(strayed.max())
    return np.asarray(strayed / largest if largest > 0 else strayed, np.float32)
