"""A pyramid over time: the least, the mean and the most of every unit in ever longer blocks.

Level 0 holds blocks of `BASE` steps, each level above it blocks `FACTOR` times as long, and the
last one block over all steps. Whatever the zoom, a step that stands out is in its block's least or
most: nothing is left out, as it is where only every n-th step is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array

BASE, FACTOR = 16, 4
STATISTICS = ("least", "mean", "most")


@dataclass(frozen=True)
class PyramidLevels:
    """Which blocks lie where, of a sequence of so many steps."""

    n_steps: int

    @property
    def lengths(self) -> tuple[int, ...]:
        """Steps of a block, by level."""
        lengths = [BASE]
        while lengths[-1] < self.n_steps:
            lengths.append(lengths[-1] * FACTOR)
        return tuple(lengths)

    def count(self, level: int) -> int:
        """Blocks of a level; its last one may be shorter."""
        return -(-self.n_steps // self.lengths[level])

    def first(self, level: int) -> int:
        """Where the level's blocks begin when the levels lie one after the other."""
        return sum(map(self.count, range(level)))

    @property
    def n_blocks(self) -> int:
        """Blocks of all levels."""
        return self.first(len(self.lengths))


def summarise_blocks(values: Array, length: int) -> Array:
    """Least, mean and most (block, part, unit) of (time, unit) over blocks of so many steps.

    >>> summarise_blocks(np.array([[1.0], [2.0], [6.0]]), 2)[:, :, 0].tolist()
    [[1.0, 1.5, 2.0], [6.0, 6.0, 6.0]]
    """
    whole = len(values) // length * length
    n_blocks = -(-len(values) // length)
    folded = np.empty((n_blocks, len(STATISTICS), values.shape[1]), np.float32)
    _fold(values[:whole].reshape(-1, length, values.shape[1]), folded[: whole // length])
    if whole < len(values):
        _fold(values[None, whole:], folded[-1:])
    return folded


def _fold(values: Array, folded: Array) -> None:
    """(block, step, unit) into (block, part, unit)."""
    # Along the middle axis: `reduceat` takes forty times as long.
    folded[:, 0] = values.min(axis=1)
    folded[:, 1] = values.mean(axis=1)
    folded[:, 2] = values.max(axis=1)


def merge_blocks(finer: Array, count: int, steps: int, length: int) -> Array:
    """Blocks (block, part, unit) of `length` steps joined, `count` at a time.

    steps  how many all of them hold: the last block may be shorter than the others.
    """
    n_blocks = -(-len(finer) // count)
    joined = np.empty((n_blocks, *finer.shape[1:]), np.float32)
    for block in (slice(0, len(finer) // count), slice(len(finer) // count, n_blocks)):
        if block.start < block.stop:
            given = finer[block.start * count : block.stop * count]
            held = min(steps, block.stop * count * length) - block.start * count * length
            _join(given.reshape(block.stop - block.start, -1, *finer.shape[1:]), joined[block])
            if held < len(given) * length:
                joined[block.stop - 1, 1] = _mean(
                    given[-_last(given, count) :], held, length, count
                )
    return joined


def _last(given: Array, count: int) -> int:
    """Blocks that the last joined one is made of."""
    return (len(given) - 1) % count + 1


def _mean(given: Array, held: int, length: int, count: int) -> Array:
    """The mean (unit,) of blocks of which the last is shorter."""
    weights = np.full(len(given), length, np.float64)
    weights[-1] = (held - 1) % length + 1
    return np.asarray(weights @ given[:, 1] / weights.sum())


def _join(finer: Array, joined: Array) -> None:
    """(block, count, part, unit) into (block, part, unit)."""
    joined[:] = finer[:, 0]
    for number in range(1, finer.shape[1]):
        np.minimum(joined[:, 0], finer[:, number, 0], out=joined[:, 0])
        joined[:, 1] += finer[:, number, 1]
        np.maximum(joined[:, 2], finer[:, number, 2], out=joined[:, 2])
    joined[:, 1] /= finer.shape[1]


def group_units(values: Array, size: int, fold: np.ufunc) -> Array:
    """Groups (column, group) of so many neighbouring units (column, unit); sums become means.

    >>> group_units(np.array([[1.0, 3.0, 5.0]]), 2, np.add).tolist()
    [[2.0, 5.0]]
    """
    n_units = values.shape[1]
    whole = n_units // size * size
    folded = np.empty((len(values), -(-n_units // size)), np.float32)
    first = folded[:, : n_units // size]
    first[:] = values[:, :whole:size]
    for unit in range(1, size):
        fold(first, values[:, unit:whole:size], out=first)
    if whole < n_units:
        fold.reduce(values[:, whole:], axis=1, out=folded[:, -1])
    if fold is np.add:
        folded /= np.minimum(size, n_units - size * np.arange(folded.shape[1], dtype=np.float32))
    return folded
