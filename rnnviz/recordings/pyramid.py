"""Pyramid over time: min, mean and max of every unit in blocks of growing length.

Level 0 has blocks of `BASE` steps, each level above it blocks `FACTOR` times as long, and the last
one block over all steps. At every zoom an outlier is its block's min or max, where a picture of
every n-th step would miss it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array

BASE, FACTOR = 16, 4
STATISTICS = ("min", "mean", "max")


@dataclass(frozen=True)
class PyramidLevels:
    """Lengths and offsets of the blocks by level, for a sequence of `n_steps`."""

    n_steps: int

    @property
    def lengths(self) -> tuple[int, ...]:
        """Steps of a block by level."""
        lengths = [BASE]
        while lengths[-1] < self.n_steps:
            lengths.append(lengths[-1] * FACTOR)
        return tuple(lengths)

    def count(self, level: int) -> int:
        """Blocks of a level; its last one may be shorter."""
        return -(-self.n_steps // self.lengths[level])

    def first(self, level: int) -> int:
        """Offset of the level's blocks where the levels are stored one after the other."""
        return sum(map(self.count, range(level)))

    @property
    def n_blocks(self) -> int:
        """Blocks of all levels."""
        return self.first(len(self.lengths))


def summarise_blocks(values: Array, length: int) -> Array:
    """Statistics (block, statistic, unit) of values (time, unit) over blocks of `length` steps.

    >>> summarise_blocks(np.array([[1.0], [2.0], [6.0]]), 2)[:, :, 0].tolist()
    [[1.0, 1.5, 2.0], [6.0, 6.0, 6.0]]
    """
    whole = len(values) // length * length
    n_blocks = -(-len(values) // length)
    statistics = np.empty((n_blocks, len(STATISTICS), values.shape[1]), np.float32)
    _summarise(values[:whole].reshape(-1, length, values.shape[1]), statistics[: whole // length])
    if whole < len(values):
        _summarise(values[None, whole:], statistics[-1:])
    return statistics


def _summarise(values: Array, out: Array) -> None:
    """Write statistics (block, statistic, unit) of values (block, step, unit) to `out`."""
    # Along the middle axis: `reduceat` takes forty times as long.
    out[:, 0] = values.min(axis=1)
    out[:, 1] = values.mean(axis=1)
    out[:, 2] = values.max(axis=1)


def merge_blocks(finer: Array, count: int, n_steps: int, length: int) -> Array:
    """Statistics (block, statistic, unit) of blocks of `length` steps, merged `count` at a time.

    n_steps  steps of all blocks: the last may be shorter than the others.
    """
    n_blocks = -(-len(finer) // count)
    merged = np.empty((n_blocks, *finer.shape[1:]), np.float32)
    n_whole = len(finer) // count
    for blocks in (slice(0, n_whole), slice(n_whole, n_blocks)):
        if blocks.start < blocks.stop:
            children = finer[blocks.start * count : blocks.stop * count]
            _merge(
                children.reshape(blocks.stop - blocks.start, -1, *finer.shape[1:]), merged[blocks]
            )
            n_covered = min(n_steps, blocks.stop * count * length) - blocks.start * count * length
            if n_covered < len(children) * length:
                n_last = (len(children) - 1) % count + 1  # children of the last block
                merged[blocks.stop - 1, 1] = _weighted_mean(children[-n_last:], n_covered, length)
    return merged


def _weighted_mean(children: Array, n_steps: int, length: int) -> Array:
    """Mean (unit,) of blocks of `length` steps of which the last is shorter."""
    weights = np.full(len(children), length, np.float64)
    weights[-1] = (n_steps - 1) % length + 1
    return np.asarray(weights @ children[:, 1] / weights.sum())


def _merge(children: Array, out: Array) -> None:
    """Write statistics (block, statistic, unit) of (block, child, statistic, unit) to `out`."""
    out[:] = children[:, 0]
    for number in range(1, children.shape[1]):
        np.minimum(out[:, 0], children[:, number, 0], out=out[:, 0])
        out[:, 1] += children[:, number, 1]
        np.maximum(out[:, 2], children[:, number, 2], out=out[:, 2])
    out[:, 1] /= children.shape[1]


def group_units(values: Array, size: int, reduce: np.ufunc) -> Array:
    """Groups (column, group) of `size` neighbouring units (column, unit); sums become means.

    >>> group_units(np.array([[1.0, 3.0, 5.0]]), 2, np.add).tolist()
    [[2.0, 5.0]]
    """
    n_units = values.shape[1]
    whole = n_units // size * size
    groups = np.empty((len(values), -(-n_units // size)), np.float32)
    first = groups[:, : n_units // size]
    first[:] = values[:, :whole:size]
    for unit in range(1, size):
        reduce(first, values[:, unit:whole:size], out=first)
    if whole < n_units:
        reduce.reduce(values[:, whole:], axis=1, out=groups[:, -1])
    if reduce is np.add:
        groups /= np.minimum(size, n_units - size * np.arange(groups.shape[1], dtype=np.float32))
    return groups
