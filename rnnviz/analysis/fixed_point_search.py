"""Search for the states that a step leaves as they are.

    speed(s) = ‖F(s) − s‖,   s ← s − (JᵀJ + λ)⁻¹ Jᵀ (F(s) − s),   J = ∂F/∂s − 1

from many starts at once. D. Sussillo and O. Barak, "Opening the Black Box: Low-Dimensional Dynamics
in High-Dimensional Recurrent Neural Networks", Neural Computation 25 (2013), who minimise the
speed; with the exact Jacobian its minimisation is that of D. Marquardt (1963).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.state_map import StateMap
from rnnviz.core.arrays import Array

FIXED = 1e-9
"""Speed up to which a point counts as fixed."""
_CONVERGED, _MOST_DAMPING, _LEAST_DAMPING = 1e-12, 1e8, 1e-15
_STEPS, _STEPS_OF_A_ROUND, _ROUNDS = 100, 40, 4
_MOST_SMALL_GAINS = 8


@dataclass(frozen=True, eq=False)
class Found:
    """Points (point, state) with their speed (point,), the slowest first."""

    states: Array
    speed: Array


def search(
    step: StateMap, starts: Array, generator: np.random.Generator, slow: float, most: int
) -> Found:
    """Points of a speed up to `slow`, `most` of them, no two in one place.

    starts  (start, state). Means of points that were found are starts of further rounds, until no
            round finds another point: between two stable points there is one that is not.
    """
    bound = max(slow, FIXED)
    found = Found(np.zeros((0, step.size)), np.zeros(0))
    steps = _STEPS
    for _ in range(_ROUNDS):
        states, speed = descended(step, starts, steps)
        before = len(found.states)
        found = _apart(
            np.concatenate([found.states, states[speed <= bound]]),
            np.concatenate([found.speed, speed[speed <= bound]]),
            most,
        )
        if not 2 <= len(found.states) < most or len(found.states) == before:
            break
        starts, steps = _between(found.states, len(starts), generator), _STEPS_OF_A_ROUND
    return found


def descended(step: StateMap, starts: Array, steps: int) -> tuple[Array, Array]:
    """Where starts (start, state) come to rest, and the speed (start,) there."""
    descent = _Descent(step, starts)
    for _ in range(steps):
        if not descent.advance():
            break
    return descent.states, np.sqrt(descent.square)


class _Descent:
    """Damped steps from many starts; one that does not lower the speed is taken back."""

    def __init__(self, step: StateMap, starts: Array) -> None:
        self._step = step
        self.states = starts.astype(np.float64)
        self._rest, self._slope = self._at(self.states)
        self.square = _square(self._rest)
        self._damping = np.full(len(starts), 1e-2)
        # A start that hardly gains, step after step, has come to a minimum that is not 0.
        self._small_gains = np.zeros(len(starts), int)

    def advance(self) -> bool:
        """One step of every start that has not arrived; False when all have."""
        is_moving = (self.square > _CONVERGED**2) & (self._damping < _MOST_DAMPING)
        moving = np.nonzero(is_moving & (self._small_gains < _MOST_SMALL_GAINS))[0]
        if not len(moving):
            return False
        tried = self.states[moving] + self._moves(moving)
        rest, slope = self._at(tried)
        square = _square(rest)
        is_better = square < self.square[moving]
        better = moving[is_better]
        is_small = square[is_better] > 0.99 * self.square[better]
        self._small_gains[better] = np.where(is_small, self._small_gains[better] + 1, 0)
        self.states[better], self.square[better] = tried[is_better], square[is_better]
        self._rest[better], self._slope[better] = rest[is_better], slope[is_better]
        self._damping[better] = np.maximum(self._damping[better] / 5, _LEAST_DAMPING)
        self._damping[moving[~is_better]] *= 4
        return True

    def _at(self, states: Array) -> tuple[Array, Array]:
        """F(s) − s and ∂F/∂s − 1."""
        after, jacobian = self._step.linearised(states)
        np.einsum("nss->ns", jacobian)[...] -= 1
        return after - states, jacobian

    def _moves(self, moving: Array) -> Array:
        slope, rest = self._slope[moving], self._rest[moving]
        transposed = slope.transpose(0, 2, 1)
        normal = transposed @ slope
        diagonal = np.einsum("nss->ns", normal)
        largest = diagonal.max(axis=1, initial=0)
        # Never below rounding, so that the matrix can be solved where the slope is singular.
        diagonal += np.maximum(self._damping[moving], 1e-15 * largest + 1e-300)[:, None]
        moves: Array = -np.linalg.solve(normal, transposed @ rest[:, :, None])[:, :, 0]
        return moves


def _square(rest: Array) -> Array:
    square = (rest**2).sum(axis=1)
    return np.where(np.isfinite(square), square, np.inf)


def _apart(states: Array, speed: Array, most: int) -> Found:
    """The slowest point of each place."""
    kept: list[int] = []
    for number in np.argsort(speed, kind="stable"):
        here = states[number]
        distance = np.linalg.norm(states[kept] - here, axis=1)
        # What is not quite at rest came to a stop somewhere around its place.
        room = 1e-4 if speed[number] <= FIXED else 1e-2
        if not (distance < room * (1 + np.linalg.norm(here))).any():
            kept.append(int(number))
        if len(kept) == most:
            break
    return Found(states[kept], speed[kept])


def _between(points: Array, n: int, generator: np.random.Generator) -> Array:
    """Means of two and of three points, drawn at random."""
    chosen = points[generator.integers(len(points), size=(3, n))]
    share = np.where(np.arange(n) % 2, 1 / 3, 1 / 2)[:, None]
    mean: Array = share * (chosen[0] + chosen[1]) + (1 - 2 * share) * chosen[2]
    return mean
