"""Whether a unit of one network is the same unit in another one of another cell."""

from __future__ import annotations

import numpy as np

from rnnviz.network.layer import Layer


def are_alike(one: Layer, other: Layer) -> bool:
    """Whether both have the same matrices, and the same numbers wherever they share a weight.

    What then is different between them is the arithmetic of their cells, and what only one has.

    >>> import rnnviz as rv
    >>> cells = ("gru", "gru_reset_after", "lstm")
    >>> gru, after, lstm = (rv.random_model(c, 3, 4, init="xavier").layers[0] for c in cells)
    >>> are_alike(gru, after), are_alike(gru, lstm)
    (True, False)
    """
    if _matrices(one) != _matrices(other):
        return False
    both = one.weights.keys() & other.weights.keys()
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in both)


def _matrices(layer: Layer) -> set[str]:
    return {name for name in layer.weights if name.endswith((".x", ".h"))}
