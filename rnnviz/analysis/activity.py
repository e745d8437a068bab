"""Activity of a whole recording in one line: deviations of its units from their mean."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.recordings.recording import Recording


def activity(recording: Recording, layer: int = 0, *, columns: int = 1024) -> Array:
    """Deviation of a layer from its mean in every column, (column,), scaled to 0…1.

    Columns are at most so many, of equal steps. Of each the farthest that every unit's hidden state
    strays counts, as a part of the farthest that the unit ever does: a single step that stands out
    is seen however long the sequence is.
    """
    width = recording.layers[layer].widths["hidden"]
    fold = recording.downsample(layer, "hidden", 0, recording.n_steps, columns, width)
    mean = fold.overall_mean[:, None]
    strayed = np.maximum(fold.max - mean, mean - fold.min)
    farthest = strayed.max(axis=1, keepdims=True)
    parts = (strayed / np.where(farthest > 0, farthest, 1)).mean(axis=0)
    low, high = parts.min(), parts.max()
    return np.asarray((parts - low) / (high - low if high > low else 1), np.float32)
