"""Best unit and linear probe of each feature, chosen on one part of a run, told on the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.unit_sums import UnitSums, correlation, fitted_correlation, ridge
from rnnviz.core.arrays import Array

N_BLOCKS = 20
_EDGE = 200


def held_out_parts(n_steps: int) -> Array:
    """Part of each step, (time,): 0 to choose on, 1 held out, −1 left out.

    The run is cut into 20 blocks, every other one held out. The first steps of a block, which are
    like those before, belong to neither: 200, or a tenth of it.

    >>> np.unique(held_out_parts(4000), return_counts=True)[1].tolist()
    [400, 1800, 1800]
    """
    block = np.arange(n_steps) * N_BLOCKS // n_steps
    begins = -(-block * n_steps // N_BLOCKS)
    edge = min(_EDGE, n_steps // N_BLOCKS // 10)
    return np.where(np.arange(n_steps) - begins < edge, -1, block % 2)


@dataclass(frozen=True, eq=False)
class Fits:
    """Fits of features, of each a number, (feature,).

    unit   with the largest |r| on the part it is chosen on; `r`, its correlation held out.
    probe  held-out correlation of the feature with its ridge fit to all units.
    """

    unit: Array
    r: Array
    probe: Array

    def at(self, columns: Iterable[int]) -> Fits:
        """Fits of some columns."""
        chosen = list(columns)
        return Fits(self.unit[chosen], self.r[chosen], self.probe[chosen])


def fits_of(chosen_on: Crossed, held_out: Crossed) -> Fits:
    """Fits of all columns of two parts."""
    old, new = chosen_on, held_out
    unit = np.abs(correlation(old.sums_of, old.sums.spread)).argmax(axis=0)
    told = correlation(new.sums_of, new.sums.spread)
    weights = ridge(old.sums, old.sums_of[0])
    return Fits(
        unit,
        told[unit, np.arange(told.shape[1])],
        fitted_correlation(weights, new.sums, new.sums_of),
    )


def joined(fits: Iterable[Fits]) -> Fits:
    """Fits one after the other."""
    parts = list(fits)
    names = ("unit", "r", "probe")
    return Fits(*(np.concatenate([[], *(getattr(one, n) for one in parts)]) for n in names))


@dataclass(frozen=True, eq=False)
class Crossed:
    """Sums of one part, with those of the columns that are looked at."""

    sums: UnitSums
    sums_of: tuple[Array, Array]

    @staticmethod
    def pair(parts: tuple[UnitSums, UnitSums]) -> Iterator[Crossed]:
        """Both parts, with their own features."""
        return (Crossed(one, one.crossed()) for one in parts)

    @staticmethod
    def labelled(parts: tuple[UnitSums, UnitSums], labels: Array) -> Iterator[Crossed]:
        """Both parts, with features that are a number for each type."""
        return (Crossed(one, one.crossed_with_labels(labels)) for one in parts)
