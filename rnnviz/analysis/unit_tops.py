"""Steps at which units are highest and lowest, gathered window by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array

N_TOPS = 8
# Of neighbouring steps only one is told: a unit is high for a while.
_APART = 32


@dataclass(frozen=True, eq=False)
class UnitTops:
    """Steps of the highest and of the lowest numbers of every unit, the farthest first.

    steps and values of each are (unit, top).
    """

    highest: tuple[Array, Array]
    lowest: tuple[Array, Array]

    @staticmethod
    def empty() -> UnitTops:
        """Tops of nothing yet."""
        none = (np.zeros((1, 0), int), np.zeros((1, 0)))
        return UnitTops(none, none)

    def with_window(self, start: int, states: Array) -> UnitTops:
        """Tops with those of a window of states (step, unit), whose first step is `start`."""
        return UnitTops(
            _merged(self.highest, _farthest(start, states, 1), 1),
            _merged(self.lowest, _farthest(start, states, -1), -1),
        )


def _farthest(start: int, states: Array, sign: int) -> tuple[Array, Array]:
    """The farthest step of every stretch of 32 steps, steps and values (unit, stretch)."""
    n_steps, n_units = states.shape
    n_stretches = -(-n_steps // _APART)
    filled = np.full((n_stretches * _APART, n_units), -np.inf, states.dtype)
    filled[:n_steps] = sign * states
    stretches = filled.reshape(n_stretches, _APART, n_units)
    places = stretches.argmax(axis=1)
    values = np.take_along_axis(stretches, places[:, None], axis=1)[:, 0]
    steps = places + np.arange(n_stretches)[:, None] * _APART + start
    return steps.T, sign * values.T


def _merged(one: tuple[Array, Array], other: tuple[Array, Array], sign: int) -> tuple[Array, Array]:
    steps, values = (_beside(a, b) for a, b in zip(one, other, strict=True))
    order = np.argsort(-sign * values, axis=1, kind="stable")[:, :N_TOPS]
    return np.take_along_axis(steps, order, axis=1), np.take_along_axis(values, order, axis=1)


def _beside(one: Array, other: Array) -> Array:
    return np.concatenate([one, other], axis=1) if one.shape[1] else other
