"""The most telling window of a run: where its memory changes most, or it predicts worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.analysis.cursor import layer_trace
from rnnviz.analysis.unit_steps import memory_state
from rnnviz.core.arrays import Array, read_only
from rnnviz.engine.trace import Trace

Score = Literal["surprise", "change"]
# Steps of a report's window, and how few and many it may have.
WINDOW_STEPS, LEAST_WINDOW, MOST_WINDOW = 48, 2, 400


@dataclass(frozen=True, eq=False)
class Profile:
    """Scores of every step of a row, and the window in which they are highest.

    score   "surprise" of the tokens in bits, where the model predicts the next; else "change" of
            the memory, root mean square over its units.
    values  (time,), of the row with the most telling window.
    layer   whose memory it is.
    skipped number of first steps, in which the memory still leaves its initial state; no window
            begins there.
    """

    score: Score
    values: Array
    layer: int
    row: int
    start: int
    stop: int
    skipped: int


def state_change(trace: Trace, *, layer: int = 0, row: int = 0) -> Array:
    """Change of a layer's memory at every step, root mean square over its units, (time,).

    Of the cell state where there is one, else of the hidden state. Raises InputError for a layer
    or row that the trace does not have.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5], [0.1]])
    >>> bool(np.isclose(state_change(trace)[0], np.sqrt((trace["hidden"][0, 0] ** 2).mean())))
    True
    """
    traced = layer_trace(trace, layer, row=row)
    state, steps = memory_state(traced.cell), slice(0, trace.sequence.lengths[row])
    moved = traced.signals[state][steps, row].astype(float) - traced.state_before(state)[steps, row]
    return read_only(np.sqrt((moved**2).mean(axis=1)))


def telling_window(scores: Array, length: int) -> tuple[int, int]:
    """First step of the window of the largest mean score, and the step after its last.

    NaN, a step without a score, counts as 0, infinity as more than all others together; of equal
    windows the first.

    >>> telling_window(np.array([0, 1, 5, 2, 0, np.nan]), 2)
    (2, 4)
    """
    length = min(length, len(scores))
    most = float(scores[np.isfinite(scores)].sum()) + 1
    sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(scores, posinf=most))])
    windows = sums[length:] - sums[:-length]
    # Sums of the same numbers may differ by rounding.
    start = int(np.flatnonzero(windows >= windows.max() - 1e-12 * abs(sums[-1]))[0])
    return start, start + length
