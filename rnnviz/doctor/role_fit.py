"""Fit of one role's weights in two layers: the same, or the same once a cause is undone.

Every order of the gates is tried, and under it every way of `ways`, on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.doctor.findings import Finding
from rnnviz.doctor.parts import ByGate, Parts
from rnnviz.doctor.rounding import as_int8, is_same
from rnnviz.doctor.ways import ways_of

Moves = tuple[tuple[str, str], ...]
"""(gate, place) for each gate of the one layer that stands in another gate's place in the other."""
_MOST_ORDERED = 4  # gates, of which there are 24 orders
# An offset by which programs let a forget gate start open.
_FORGET_GATE = "forget"
# Of the largest number: farther apart numbers are that are not each other's roundings to int8.
_COARSEST = 0.25


@dataclass(frozen=True, eq=False)
class RoleFit:
    """Arrays of a role in two layers, the same to rounding once the findings are undone.

    findings  none where the arrays are the same as they are.
    """

    findings: tuple[Finding, ...]
    one: ByGate
    other: ByGate


def role_fits(one: Parts, other: Parts, role: str) -> dict[Moves, RoleFit]:
    """Fits of a role by the order in which the other's gates are taken; empty where none fits."""
    gates = tuple(one.roles[role])
    if set(gates) != set(other.roles[role]):
        return {}
    orders = permutations(gates) if len(gates) <= _MOST_ORDERED and role else [gates]
    pair = _Pair(one, other, role, max(one.size(role), other.size(role)))
    fits = ((order, pair.fit(order)) for order in orders)
    return {_moves(gates, order): fit for order, fit in fits if fit is not None}


def _moves(gates: tuple[str, ...], order: tuple[str, ...]) -> Moves:
    return tuple((gate, place) for gate, place in zip(gates, order, strict=True) if gate != place)


@dataclass(frozen=True, eq=False)
class _Pair:
    """One role of two layers; `size` is that of its largest number."""

    one: Parts
    other: Parts
    role: str
    size: float

    def fit(self, order: tuple[str, ...]) -> RoleFit | None:
        """The fit with the other's gates in this order; None where no known cause gives one."""
        mine, theirs = self.one.roles[self.role], self._ordered(self.other.roles[self.role], order)
        if not mine or self._matches(mine, theirs):
            return RoleFit((), mine, theirs)
        for name, done, others in self._done:
            # What is done to the one makes of it what the other has come out as.
            for faulty, first, second in (("other", done, theirs), ("one", mine, others)):
                if first is None or second is None:
                    continue
                placed = second if faulty == "other" else self._ordered(second, order)
                finding = Finding(name, (("faulty", faulty),))
                if (fit := self._fit_done(finding, first, placed, mine, theirs)) is not None:
                    return fit
        if self.role == "b":
            return self._with_offset(mine, theirs)
        return self._quantised(mine, theirs) if self.role else None

    @cached_property
    def _done(self) -> list[tuple[str, ByGate | None, ByGate | None]]:
        """Every way's name, and what it makes of the one's arrays and of the other's."""
        mine, theirs = self.one.roles[self.role], self.other.roles[self.role]
        ways = ways_of(self.role, self.one.cell_name)
        return [(name, way(mine), way(theirs)) for name, way in ways]

    def _fit_done(
        self, finding: Finding, first: ByGate, second: ByGate, mine: ByGate, theirs: ByGate
    ) -> RoleFit | None:
        if self.role == "b":
            # A bias may be lost in some gates alone.
            kept = [gate for gate in mine if self._is_same(gate, mine[gate], theirs[gate])]
            first = {**first, **{gate: mine[gate] for gate in kept}}
            second = {**second, **{gate: theirs[gate] for gate in kept}}
        return RoleFit((finding,), first, second) if self._matches(first, second) else None

    def _ordered(self, arrays: ByGate, order: tuple[str, ...]) -> ByGate:
        return {gate: arrays[place] for gate, place in zip(self._gates, order, strict=True)}

    @property
    def _gates(self) -> tuple[str, ...]:
        return tuple(self.one.roles[self.role])

    def _matches(self, first: ByGate, second: ByGate) -> bool:
        return all(self._is_same(gate, array, second[gate]) for gate, array in first.items())

    def _is_same(self, gate: str, first: Array, second: Array) -> bool:
        if self.role == "b":
            first, second = (self.one.acting(gate, pair) for pair in (first, second))
        return is_same(first, second, self.size)

    def _with_offset(self, mine: ByGate, theirs: ByGate) -> RoleFit | None:
        """Biases that are the same but for one number in all units of the forget gate."""
        if _FORGET_GATE not in mine or self.one.has_two_biases[_FORGET_GATE]:
            return None
        moved = {**mine, _FORGET_GATE: theirs[_FORGET_GATE]}
        offset = (theirs[_FORGET_GATE] - mine[_FORGET_GATE]).sum(axis=0)
        is_one_number = is_same(offset, np.full_like(offset, offset.mean()), self.size)
        if len(offset) < 2 or not is_one_number or not self._matches(moved, theirs):
            return None
        fact = ("offset", f"{offset.mean():+.3g}")
        return RoleFit((Finding("forget_bias", (fact,)),), moved, theirs)

    def _quantised(self, mine: ByGate, theirs: ByGate) -> RoleFit | None:
        first, second = (np.stack([each[gate] for gate in mine]) for each in (mine, theirs))
        if np.abs(first - second).max() > _COARSEST * self.size:
            return None
        if (done := as_int8(first, second)) is not None:
            found = Finding("int8", (("faulty", "other"),))
            return RoleFit((found,), dict(zip(mine, done, strict=True)), theirs)
        if (done := as_int8(second, first)) is not None:
            found = Finding("int8", (("faulty", "one"),))
            return RoleFit((found,), mine, dict(zip(mine, done, strict=True)))
        return None
