"""Orders of units, top to bottom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array
from rnnviz.errors import InputError

Order = Literal["telling", "index", "activity", "similarity"]
ORDERS: tuple[Order, ...] = ("telling", "index", "activity", "similarity")
# From so many units on "telling" shows only the first few.
MANY_UNITS, N_TELLING = 128, 24


def order_units(hidden: Array, by: str = "index") -> tuple[int, ...]:
    """Unit numbers in the order to draw them, from the hidden states (unit, time) of a layer.

    "index": as stored. "activity": the largest mean |hidden| first. "similarity": neighbours move
    alike, by the Fiedler vector of their correlations (spectral seriation, Atkins et al. 1998).
    "telling": as stored; of 128 and more the 24 that change most, by similarity.

    Raises InputError for another order.

    >>> order_units(np.array([[0.1, 0.1], [0.9, -0.9]]), "activity")
    (1, 0)
    """
    if by not in ORDERS:
        raise InputError(
            'Units are ordered by {orders}, but "{came}" came.', orders=", ".join(ORDERS), came=by
        )
    if by == "telling":
        return _telling(hidden) if len(hidden) >= MANY_UNITS else tuple(range(len(hidden)))
    if by == "activity":
        return tuple(int(u) for u in np.argsort(-np.abs(hidden).mean(axis=1), kind="stable"))
    if by == "similarity" and hidden.shape[0] > 2 and hidden.shape[1] > 1:
        return tuple(int(u) for u in np.argsort(_fiedler(hidden), kind="stable"))
    return tuple(range(len(hidden)))


def only_units(ordered: tuple[int, ...], units: Iterable[int] | None) -> tuple[int, ...]:
    """Units in their order, only these where some are named. Raises InputError for another."""
    if units is None:
        return ordered
    wanted = set(units)
    for unit in sorted(wanted):
        check_index("unit", unit, len(ordered))
    return tuple(unit for unit in ordered if unit in wanted)


def shown_units(hidden: Array, by: str, units: Iterable[int] | None) -> tuple[int, ...]:
    """Units to show of a layer with these hidden states (unit, time): those named, or by order.

    Raises InputError for another order or unit.

    >>> shown_units(np.zeros((3, 2)), "telling", [2, 0])
    (0, 2)
    """
    named = None if units is None else tuple(units)
    if named is not None and by == "telling":
        by = "index"
    return only_units(order_units(hidden, by), named)


def _telling(hidden: Array) -> tuple[int, ...]:
    spread = hidden.std(axis=1)
    most = np.sort(np.argsort(-spread, kind="stable")[:N_TELLING])
    return tuple(int(most[place]) for place in order_units(hidden[most], "similarity"))


def _fiedler(hidden: Array) -> Array:
    centred = hidden - hidden.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(length > 0, length, 1)
    alike = 1 + unit @ unit.T
    laplacian = np.diag(alike.sum(axis=1)) - alike
    vector = np.linalg.eigh(laplacian)[1][:, 1]
    # An eigenvector's sign is arbitrary; this one makes the picture the same every time.
    return np.asarray(vector * np.sign(vector[np.argmax(np.abs(vector))] or 1))
