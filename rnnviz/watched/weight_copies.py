"""Copies of a layer's weights: one for all calls that compute with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Weights = Mapping[str, Any]


class WeightCopies:
    """The latest weights of a layer, tensors by name, which stay as they are."""

    def __init__(self) -> None:
        self.latest: Weights = {}
        self._originals: tuple[Any, ...] = ()
        self._marks: list[tuple[int, ...]] = []

    def update(self, weights: Weights) -> None:
        """Copy weights, unless the latest copies have their numbers."""
        if not _are_same(self.latest, weights):
            self.latest = {name: weight.detach().clone() for name, weight in weights.items()}
        # Kept, so that no other tensor gets their ids.
        self._originals = tuple(weights.values())
        self._marks = _marks(weights)

    def are_those_of(self, weights: Weights) -> bool:
        """True while nothing has changed them.

        Only tensors with other marks are compared number by number, which takes as long as a cell's
        step.
        """
        return self._marks == _marks(weights) or _are_same(self.latest, weights)


def _marks(weights: Weights) -> list[tuple[int, ...]]:
    """Identity, address and version of each tensor."""
    return [
        (id(weight), weight.data_ptr(), 0 if weight.is_inference() else weight._version)
        for weight in weights.values()
    ]


def _are_same(kept: Weights, weights: Weights) -> bool:
    return kept.keys() == weights.keys() and all(
        _is_same(kept[name], weight) for name, weight in weights.items()
    )


def _is_same(kept: Any, weight: Any) -> bool:
    if (kept.dtype, kept.device) != (weight.dtype, weight.device) or weight.is_meta:
        return False
    if weight.is_cpu and weight.itemsize >= 4:
        # Twice as fast as torch; of two bytes NumPy has not all types.
        return np.array_equal(kept.numpy(), weight.detach().numpy())
    return bool(kept.equal(weight))
