"""Dynamical similarity of two runs: how alike their hidden states move, not where they are.

M. Ostrow, A. Eisen, L. Kozachkov and I. Fiete, "Beyond Geometry: Comparing the Temporal Structure
of Computation in Neural Circuits with Dynamical Similarity Analysis", NeurIPS 2023.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.libraries import optional_library
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError

MIN_DYNAMICAL_STEPS = 20
_DELAYS, _MOST_DIRECTIONS = 3, 10


def has_dynamical_similarity() -> bool:
    """True where the package dsa-metric is installed."""
    return find_spec("DSA") is not None


def dynamical_similarity(a: Trace, b: Trace) -> float:
    """DSA of two runs' hidden states at the top level: 0 where they move alike up to a turn.

    The package dsa-metric fits a linear map from each three steps to the next, of at most ten
    directions, and compares the eigenvalues of both maps by Wasserstein's distance.

    a, b  runs of a single row; their inputs and sizes may differ.

    Raises MissingLibraryError without the package, and InputError for a run of fewer than
    MIN_DYNAMICAL_STEPS steps.
    """
    library = optional_library("DSA", package="dsa-metric")
    states = [_top_hidden(run) for run in (a, b)]
    for one in states:
        if len(one) < MIN_DYNAMICAL_STEPS:
            raise InputError(
                "The way in which states move is compared over {least} steps or more, but {came}"
                " came; take a longer input.",
                least=MIN_DYNAMICAL_STEPS,
                came=len(one),
            )
    rank = min(_MOST_DIRECTIONS, *(one.shape[1] for one in states))
    return float(library.DSA(*states, n_delays=_DELAYS, rank=rank).fit_score())


def _top_hidden(run: Trace) -> Array:
    top = max(layer.level for layer in run.layers)
    parts = [layer.signals["hidden"][:, 0] for layer in run.layers if layer.level == top]
    return np.concatenate(parts, axis=1).astype(np.float64)
