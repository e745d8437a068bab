"""Contexts in which units are highest: kept above a running threshold, merged without a pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rnnviz.core.arrays import Array

N_FARTHEST = 8
# Of neighbouring steps only one is told: a unit is high for a while.
_APART = 32


class Farthest(Protocol):
    """Where a window's units are farthest out, in one direction."""

    @property
    def of_units(self) -> Array:
        """The largest number of every unit, (unit,), or one above it."""

    def of_rows(self, units: Array) -> tuple[Array, Array]:
        """The largest number of some units in each row, (unit, row), and its step in the window."""


@dataclass(frozen=True, eq=False)
class FarthestOf:
    """Where the units of states (step, row, unit) are farthest out.

    is_own  (step, row), False at steps that do not count.
    sign    1 for the largest states, -1 for the smallest, whose sign is turned.
    """

    states: Array
    is_own: Array
    sign: int

    @property
    def of_units(self) -> Array:
        """The largest number of every unit, (unit,), or one above it."""
        flat = self.states.reshape(-1, self.states.shape[2])
        return np.asarray(flat.max(axis=0) if self.sign > 0 else -flat.min(axis=0))

    def of_rows(self, units: Array) -> tuple[Array, Array]:
        """The largest number of some units in each row, (unit, row), and its step in the window."""
        own = np.where(self.is_own[:, :, None], self.sign * self.states[:, :, units], -np.inf)
        at = own.argmax(axis=0)
        return np.take_along_axis(own, at[None], axis=0)[0].T, at.T


@dataclass(frozen=True, eq=False)
class Tops:
    """The largest numbers of every unit, the largest first; −inf where there are fewer.

    values  (unit, top).
    places  (unit, top): the steps, and `shards` their shards.
    """

    values: Array
    places: Array
    shards: Array

    @staticmethod
    def empty(n_units: int) -> Tops:
        """Tops of nothing yet."""
        shape = n_units, N_FARTHEST
        return Tops(np.full(shape, -np.inf), np.zeros(shape, np.int64), np.zeros(shape, np.int64))

    def with_window(self, steps: Array, farthest: Farthest, shard: int) -> Tops:
        """Tops with those of a window: steps (step, row) of the shard."""
        units = np.flatnonzero(farthest.of_units > self.values[:, -1])
        if not len(units):
            return self
        values, at = farthest.of_rows(units)
        merged = self._of(units).merged(_farthest(values, steps[at, np.arange(at.shape[1])], shard))
        arrays = [one.copy() for one in (self.values, self.places, self.shards)]
        for array, new in zip(arrays, (merged.values, merged.places, merged.shards), strict=True):
            array[units] = new
        return Tops(*arrays)

    def merged(self, other: Tops) -> Tops:
        """The largest of both; of two that are alike, the one of the first shard and step."""
        arrays = [
            np.concatenate(pair, axis=1)
            for pair in (
                (self.values, other.values),
                (self.places, other.places),
                (self.shards, other.shards),
            )
        ]
        order = np.lexsort((arrays[1], arrays[2], -arrays[0]), axis=1)
        values, places, shards = (_picked(one, order) for one in arrays)
        values = _without_neighbours(values, places, shards)
        # Those that are left out come last.
        order = np.argsort(-values, axis=1, kind="stable")[:, :N_FARTHEST]
        return Tops(*(_picked(one, order) for one in (values, places, shards)))

    def _of(self, units: Array) -> Tops:
        return Tops(self.values[units], self.places[units], self.shards[units])


def _farthest(values: Array, places: Array, shard: int) -> Tops:
    """The largest of the numbers (unit, row) of every unit."""
    if values.shape[1] > N_FARTHEST:
        chosen = np.argpartition(-values, N_FARTHEST, axis=1)[:, :N_FARTHEST]
        values, places = _picked(values, chosen), _picked(places, chosen)
    return Tops(values, places, np.full(values.shape, shard))


def _picked(array: Array, order: Array) -> Array:
    """Of each unit, the numbers at some places: np.take_along_axis without its checks."""
    return array[np.arange(len(order))[:, None], order]


def _without_neighbours(values: Array, places: Array, shards: Array) -> Array:
    """Values with −inf in place of one that stands beside a larger one of the same shard."""
    is_near = np.abs(places[:, :, None] - places[:, None]) < _APART
    is_near &= shards[:, :, None] == shards[:, None]
    stays = np.isfinite(values)
    for later in range(1, values.shape[1]):
        stays[:, later] &= ~(is_near[:, later, :later] & stays[:, :later]).any(axis=1)
    return np.where(stays, values, -np.inf)
