"""A fixed point, and what a recurrent layer does around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.analysis.fixed_point_search import FIXED
from rnnviz.core.arrays import Array

PointKind = Literal["stable", "saddle", "unstable"]
# |λ| so near to 1 is neither in nor out: rounding could move it either way.
_MARGIN = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class FixedPoint:
    """A state that a step leaves as it is, or nearly.

    states       (state,), all states of the cell joined; `named` has them by name.
    eigenvalues  (state,), of the step's Jacobian there, complex, the largest |λ| first.
    speed        ‖F(s) − s‖, how far one step moves it.
    places       of each state among the joined ones.
    """

    states: Array
    eigenvalues: Array
    speed: float
    places: Mapping[str, slice]

    @property
    def named(self) -> Mapping[str, Array]:
        """The states by name, (unit,)."""
        return {name: self.states[place] for name, place in self.places.items()}

    @property
    def is_fixed(self) -> bool:
        """False for a slow point: one that moves, but hardly."""
        return self.speed <= FIXED

    @property
    def n_unstable(self) -> int:
        """Directions in which a small change grows: |λ| > 1."""
        return int((np.abs(self.eigenvalues) > 1 + _MARGIN).sum())

    @property
    def n_marginal(self) -> int:
        """Directions in which a small change stays: |λ| = 1, as along a line of fixed points."""
        return int((np.abs(np.abs(self.eigenvalues) - 1) <= _MARGIN).sum())

    @property
    def kind(self) -> PointKind:
        """ "stable": no small change grows; "unstable": each does; "saddle": some do."""
        if not self.n_unstable:
            return "stable"
        return "unstable" if self.n_unstable == len(self.eigenvalues) else "saddle"

    @property
    def is_rotation(self) -> bool:
        """True where the direction that grows most, or fades last, turns: its λ is no real number
        above 0."""
        return bool(np.abs(np.angle(self.eigenvalues[0])) > _MARGIN)

    @property
    def time_constants(self) -> Array:
        """Steps in which a change falls to 1/e in each direction, −1/ln |λ|; of one that grows
        below 0, of one that stays ∞."""
        rates = -np.log(np.maximum(np.abs(self.eigenvalues), np.finfo(float).tiny))
        times: Array = np.divide(1, rates, out=np.full(rates.shape, np.inf), where=rates != 0)
        return times

    @property
    def periods(self) -> Array:
        """Steps of a whole turn in each direction, 2π/|arg λ|; ∞ where it does not turn."""
        with np.errstate(divide="ignore"):
            return np.asarray(2 * np.pi / np.abs(np.angle(self.eigenvalues)))

    def __repr__(self) -> str:
        kind = f"{self.kind}, {self.n_unstable} unstable" if self.n_unstable else self.kind
        name = "Fixed point" if self.is_fixed else "Slow point"
        return f"{name}, {kind}, speed {self.speed:.1e}, |λ| {abs(self.eigenvalues[0]):.4g}"
