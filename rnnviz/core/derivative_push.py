"""Derivative of values times vectors, one row at a time, with no matrix formed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.linearised import Image, Linearised, Slope, Slopes


class Push:
    """Products of one row's derivatives with vectors, given by seed; products are shared.

    row      the row.
    vectors  by seed, (vector, column); a seed without any counts as 0.

    >>> from rnnviz.core.linearised import Seed
    >>> one = Linearised(np.array([[2.0, 3.0]]), {Seed("h"): 1.0})
    >>> Push(0, {"h": np.array([[1.0, 0.0]])})(one * one).tolist()
    [[4.0, 0.0]]
    """

    def __init__(self, row: int, vectors: Mapping[str, Array]) -> None:
        self._row = row
        self._vectors = vectors
        self._images: dict[Image, Any] = {}

    def __call__(self, value: Linearised) -> Array:
        """Derivative of the value in the direction of each vector, (vector, unit)."""
        n_vectors = len(next(iter(self._vectors.values())))
        pushed: Array = np.zeros((n_vectors, value.shape[1])) + self._sum(value.slopes)
        return pushed

    def _sum(self, slopes: Slopes) -> Any:
        total: Any = 0.0
        for basis, slope in slopes.items():
            pushed = (
                self._image(basis) if isinstance(basis, Image) else self._vectors.get(basis.name)
            )
            if pushed is not None:
                total = total + pushed * _at(slope, self._row)
        return total

    def _image(self, image: Image) -> Any:
        if image not in self._images:
            before = self._sum(image.slopes)
            self._images[image] = None if np.ndim(before) == 0 else before @ image.matrix
        return self._images[image]


def _at(slope: Slope, row: int) -> Slope:
    return slope[row] if np.ndim(slope) == 2 else slope
