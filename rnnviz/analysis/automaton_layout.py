"""Places of an automaton's states on a plane: as far apart as they are steps apart.

J. de Leeuw, "Applications of convex analysis to multidimensional scaling", 1977 (SMACOF), from the
classical scaling of the distances, W. S. Torgerson, Psychometrika 17 (1952).
"""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array

_STEPS = 200


def automaton_layout(transitions: Array) -> Array:
    """Places (state, 2) on 0…1 by the longer side, the first state on the left.

    transitions  (state, symbol), −1 where there is none.

    >>> counter = np.array([[1, -1], [2, 0], [-1, 1]])
    >>> automaton_layout(counter).round(2).tolist()
    [[0.0, 0.5], [0.5, 0.5], [1.0, 0.5]]
    """
    if len(transitions) == 1:
        return np.array([[0.5, 0.5]])
    wanted = _distances(transitions)
    places = _scaled(wanted)
    weights = np.where(wanted > 0, 1 / np.maximum(wanted, 1) ** 2, 0)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian)
    for _ in range(_STEPS):
        apart = np.linalg.norm(places[:, None] - places, axis=2)
        ratio = weights * wanted / np.maximum(apart, 1e-9)
        pull = np.diag(ratio.sum(axis=1)) - ratio
        places = inverse @ pull @ places
    return _fitted(places)


def _distances(transitions: Array) -> Array:
    """Steps between states in either direction, (state, state)."""
    n_states = len(transitions)
    far = np.full((n_states, n_states), float(n_states))
    before, symbols = np.nonzero(transitions >= 0)
    after = transitions[before, symbols]
    far[before, after] = far[after, before] = 1
    np.fill_diagonal(far, 0)
    for middle in range(n_states):
        far = np.minimum(far, far[:, middle : middle + 1] + far[middle])
    return far


def _scaled(wanted: Array) -> Array:
    """Classical scaling to two dimensions; what falls together is moved apart a little."""
    n_states = len(wanted)
    centring = np.eye(n_states) - 1 / n_states
    values, vectors = np.linalg.eigh(-0.5 * centring @ wanted**2 @ centring)
    places = vectors[:, -2:][:, ::-1] * np.sqrt(np.maximum(values[-2:][::-1], 0))
    turn = 2 * np.pi * np.arange(n_states) / n_states
    is_line = values[-2] < 1e-9 * values[-1]
    nudge = (0 if is_line else 1e-3) * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.asarray(places + nudge)


def _fitted(places: Array) -> Array:
    """Places turned so that they are wide and the first state is on the left."""
    centred = places - places.mean(axis=0)
    turned = centred @ np.linalg.svd(centred)[2].T
    turned = turned * np.where(turned[0] > 0, -1, 1)
    low, high = turned.min(axis=0), turned.max(axis=0)
    return np.asarray((turned - (low + high) / 2) / max(float((high - low).max()), 1e-9) + 0.5)
