"""Faults of programs that convert weights, as functions of the arrays of one role.

A fault is named where it turns the arrays of one model into those of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.doctor.parts import ByGate
from rnnviz.doctor.rounding import as_bfloat16, as_float16

Way = Callable[[ByGate], ByGate | None]
"""Function that does to the arrays of a role what a faulty program does; None where it cannot."""


def _each(change: Callable[[Array], Array]) -> Way:
    return lambda arrays: {gate: change(array) for gate, array in arrays.items()}


def _pair(x: Callable[[Array, Array], tuple[Array, Array]]) -> Way:
    """A way of biases (bias, unit): the input's and the recurrent one."""
    return _each(lambda pair: np.stack(x(pair[0], pair[1])))


def _transposed(arrays: ByGate) -> ByGate | None:
    """Every gate's matrix transposed; only square ones can be."""
    if any(array.ndim != 2 or array.shape[0] != array.shape[1] for array in arrays.values()):
        return None
    return {gate: array.T for gate, array in arrays.items()}


def _read_otherwise(order: tuple[str, ...], is_stored: bool) -> Way:
    """The numbers of (input, gate · unit) taken for those of (gate · unit, input), or the reverse.

    order  the gates from the first row to the last.
    """

    def change(arrays: ByGate) -> ByGate | None:
        if set(arrays) != set(order) or any(array.ndim != 2 for array in arrays.values()):
            return None
        stacked = np.concatenate([arrays[gate] for gate in order])
        rows, columns = stacked.shape
        if rows == columns:
            return None
        turned = stacked.T.reshape(rows, columns) if is_stored else stacked.reshape(columns, rows).T
        return dict(zip(order, np.split(turned, len(order)), strict=True))

    return change


def _update_inverted(arrays: ByGate) -> ByGate | None:
    """The update gate's own part negated, since 1 − σ(v) = σ(−v)."""
    if "update" not in arrays:
        return None
    return {gate: -array if gate == "update" else array for gate, array in arrays.items()}


_ROUNDED: Mapping[str, Way] = {"float16": _each(as_float16), "bfloat16": _each(as_bfloat16)}
_BIASES: tuple[tuple[str, Way], ...] = (
    ("bias_lost", _each(np.zeros_like)),
    ("bias_lost", _pair(lambda b, bh: (b, 0 * bh))),
    ("bias_lost", _pair(lambda b, bh: (0 * b, bh))),
    ("bias_doubled", _each(lambda pair: 2 * pair)),
    ("bias_doubled", _pair(lambda b, bh: (b, b))),
    ("bias_doubled", _pair(lambda b, bh: (bh, bh))),
    ("bias_doubled", _pair(lambda b, bh: (2 * b, bh))),
    ("bias_doubled", _pair(lambda b, bh: (b, 2 * bh))),
    ("biases_merged", _pair(lambda b, bh: (b + bh, 0 * bh))),
    ("biases_merged", _pair(lambda b, bh: (0 * b, b + bh))),
    ("biases_swapped", _pair(lambda b, bh: (bh, b))),
)


def ways_of(role: str, cell_name: str) -> Iterator[tuple[str, Way]]:
    """Names of causes and what they do to the weights of a role, the likelier ones first."""
    if role == "b":
        yield from _BIASES
    if role == "p":
        yield "peepholes_lost", _each(np.zeros_like)
    if role in ("x", "h", "b"):
        yield "update_inverted", _update_inverted
    if role in ("x", "h"):
        yield "transposed", _transposed
        for order in _orders(cell_name):
            yield from (("transposed", _read_otherwise(order, stored)) for stored in (True, False))
    yield from _ROUNDED.items()


def _orders(cell_name: str) -> tuple[tuple[str, ...], ...]:
    known = (cells[cell_name] for cells in GATE_ORDER.values() if cell_name in cells)
    return tuple(dict.fromkeys(known))
