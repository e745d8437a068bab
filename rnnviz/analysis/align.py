"""Alignment of two runs on one time axis, by their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.formatting import token_label

# The table of costs has a cell for every pair of steps between the first and the last difference.
MAX_COST_TABLE = 4_000_000

StepOrGap = int | None


@dataclass(frozen=True)
class Alignment:
    """Steps of two runs at every column of a common time axis, None for a gap.

    one    steps of the first run, counted from 0, each once and in order.
    other  those of the second; no column is a gap in both.
    """

    one: tuple[StepOrGap, ...]
    other: tuple[StepOrGap, ...]

    @property
    def n_columns(self) -> int:
        """Columns of the time axis."""
        return len(self.one)

    def labels(self, one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
        """Label of every column: "a", "a→b" where they differ, "−a" and "+b" at gaps."""
        return tuple(
            _label(None if i is None else one[i], None if j is None else other[j])
            for i, j in zip(self.one, self.other, strict=True)
        )


def align(one: Sequence[str], other: Sequence[str]) -> Alignment:
    """Alignment of tokens with the fewest replacements, insertions and deletions.

    Of several such ways one with the most tokens over their like is taken. The table of Wagner &
    Fischer (1974), between the first and the last token that differ; where it would be larger than
    MAX_COST_TABLE, that part is aligned step by step.

    >>> found = align("cat", "chat")
    >>> found.one, found.other
    ((0, None, 1, 2), (0, 1, 2, 3))
    """
    one, other = list(one), list(other)
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    inner, beside = one[start : len(one) - end], other[start : len(other) - end]
    pairs: list[tuple[StepOrGap, StepOrGap]] = [(step, step) for step in range(start)]
    pairs += [(_moved(i, start), _moved(j, start)) for i, j in _paired(inner, beside)]
    pairs += [(len(one) - left, len(other) - left) for left in range(end, 0, -1)]
    return Alignment(tuple(i for i, _ in pairs), tuple(j for _, j in pairs))


def step_by_step(n_one: int, n_other: int) -> Alignment:
    """Alignment of step t with step t; the longer run ends over gaps."""
    pairs = _numbered(n_one, n_other)
    return Alignment(tuple(i for i, _ in pairs), tuple(j for _, j in pairs))


def align_values(values: Array, steps: Sequence[StepOrGap]) -> Array:
    """Values (unit, time) on the columns of a common axis (unit, column), NaN at gaps."""
    places = [column for column, step in enumerate(steps) if step is not None]
    wide = np.full((len(values), len(steps)), np.nan, values.dtype)
    wide[:, places] = values[:, [step for step in steps if step is not None]]
    return wide


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Number of tokens before the first that differs."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _moved(step: StepOrGap, by: int) -> StepOrGap:
    return None if step is None else step + by


def _numbered(n_one: int, n_other: int) -> list[tuple[StepOrGap, StepOrGap]]:
    longer = range(max(n_one, n_other))
    return [(t if t < n_one else None, t if t < n_other else None) for t in longer]


def _paired(one: Sequence[str], other: Sequence[str]) -> list[tuple[StepOrGap, StepOrGap]]:
    if not one or not other or len(one) * len(other) > MAX_COST_TABLE:
        return _numbered(len(one), len(other))
    coded = _coded(one, other)
    return _traced_back(_costs(*coded), *coded)


def _coded(one: Sequence[str], other: Sequence[str]) -> tuple[Array, Array]:
    """Tokens as integers, equal for equal tokens, (time,) each."""
    numbers = {token: number for number, token in enumerate(dict.fromkeys([*one, *other]))}
    return np.array([numbers[t] for t in one]), np.array([numbers[t] for t in other])


def _change(one: Array, other: Array) -> int:
    """Cost of a change where an equal pair gains 1: more than all equal pairs gain."""
    return min(len(one), len(other)) + 1


def _costs(one: Array, other: Array) -> Array:
    """The least cost that turns the first i tokens into the first j, (i, j)."""
    change = _change(one, other)
    columns = change * np.arange(len(other) + 1, dtype=np.int32)
    costs = np.empty((len(one) + 1, len(other) + 1), np.int32)
    costs[0] = columns
    for i, token in enumerate(one, start=1):
        row = costs[i - 1] + change
        row[1:] = np.minimum(row[1:], costs[i - 1, :-1] + np.where(other == token, -1, change))
        # An insertion costs the same after its left neighbour, whichever way that was reached.
        costs[i] = np.minimum.accumulate(row - columns) + columns
    return costs


def _traced_back(costs: Array, one: Array, other: Array) -> list[tuple[StepOrGap, StepOrGap]]:
    """The pairs on a cheapest way through the table; a pair is taken before a gap."""
    i, j, change = len(one), len(other), _change(one, other)
    pairs: list[tuple[StepOrGap, StepOrGap]] = []
    while i and j:
        here, pair = costs[i, j], -1 if one[i - 1] == other[j - 1] else change
        if here == costs[i - 1, j - 1] + pair:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif here == costs[i - 1, j] + change:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    pairs += [(left, None) for left in range(i - 1, -1, -1)]
    pairs += [(None, left) for left in range(j - 1, -1, -1)]
    return pairs[::-1]


def _label(one: str | None, other: str | None) -> str:
    if one is None:
        return f"+{token_label(other or '')}"
    if other is None:
        return f"−{token_label(one)}"
    return token_label(one) if one == other else f"{token_label(one)}→{token_label(other)}"
