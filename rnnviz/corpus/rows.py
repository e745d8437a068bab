"""Rows of a shard: its texts, long ones cut, sorted by length into batches read side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array

N_PARTS = 2
BATCH_ROWS = 128
# A long text is cut into so many at most.
_MOST_ROWS = 64
# A short text is still cut into some rows, so that there is something to hold out.
_LEAST_ROW, _FEW_ROWS = 512, 8
# Longer rows make the steps that warm them up few.
_GOOD_ROW = 2048


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that are read side by side, the longest first: first own step, and how many, (row,).

    leads  steps that each reads before its own, from the same text: none where a text begins.
    """

    starts: Array
    lengths: Array
    leads: Array

    def __getitem__(self, rows: Array) -> Rows:
        return Rows(self.starts[rows], self.lengths[rows], self.leads[rows])

    def n_active(self, done: int) -> int:
        """Rows that have steps left after so many."""
        return int((self.lengths > done).sum())


def cut_rows(starts: Array, stops: Array, known: Array, warm_up: int) -> Rows:
    """Rows of texts, each cut evenly where it is longer than a row should be.

    starts, stops  of the texts (text,), in steps; `known`, the first that can be read of each.

    >>> rows = cut_rows(np.array([0, 100]), np.array([100, 4900]), np.array([0, 100]), 128)
    >>> rows.starts.tolist(), rows.leads.tolist()
    ([0, 100, 700, 1300, 1900, 2500, 3100, 3700, 4300], [0, 0, 128, 128, 128, 128, 128, 128, 128])
    """
    lengths = stops - starts
    counts = -(-lengths // _row_steps(int(lengths.sum())))
    text = np.repeat(np.arange(len(starts)), counts)
    number = np.arange(len(text)) - np.repeat(np.cumsum(counts) - counts, counts)
    first, last = (starts[text] + lengths[text] * at // counts[text] for at in (number, number + 1))
    return Rows(first, last - first, np.minimum(first - known[text], warm_up))


def batches(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """Batches of rows of like lengths, and the part that each belongs to: every other row's."""
    order = np.argsort(-rows.lengths, kind="stable")
    for part in range(N_PARTS):
        own = order[part::N_PARTS]
        for batch in np.array_split(own, -(-len(own) // BATCH_ROWS)) if len(own) else ():
            yield part, rows[batch]


def _row_steps(n_steps: int) -> int:
    """Steps that a row has at most in a shard of so many."""
    few = np.clip(n_steps // _LEAST_ROW, 1, _FEW_ROWS)
    return -(-n_steps // int(np.clip(n_steps // _GOOD_ROW, few, _MOST_ROWS)))
