"""Principal components: the few directions along which states vary most.

K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array


@dataclass(frozen=True, eq=False)
class Components:
    """Directions (component, state) by falling variance, around a mean (state,).

    explained  (component,), the share of all variance along each.

    >>> found = components(np.array([[0.0, 1.0], [0.0, 3.0]]), 1)
    >>> found.explained.tolist(), found.coordinates(np.array([[5.0, 4.0]])).round(6).tolist()
    ([1.0], [[2.0]])
    """

    mean: Array
    directions: Array
    explained: Array

    def coordinates(self, states: Array) -> Array:
        """Coordinates (…, component) of states (…, state)."""
        projected: Array = (states - self.mean) @ self.directions.T
        return projected


def components(states: Array, n: int) -> Components:
    """The first n principal components of states (place, state), fewer where there are fewer."""
    mean = states.mean(axis=0)
    _, values, directions = np.linalg.svd(states - mean, full_matrices=False)
    # A direction and its opposite are one; the largest number of each is above 0.
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    total = float((values**2).sum()) or 1.0
    return Components(mean, directions[:n], (values**2 / total)[:n])
