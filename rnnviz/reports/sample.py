"""Windows of a run, evenly spread, as rows of one sequence, each from its own states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.core.sequence import Sequence
from rnnviz.network.model import Model
from rnnviz.reports import whole_run
from rnnviz.reports.whole_run import WholeRun, started_at

# Products that an examination of a sample takes: some seconds.
MAX_PRODUCTS = 4e9
_ROWS, _SHORTEST = 32, 32


def spread_windows(run: WholeRun, count: int, length: int) -> tuple[Model, Sequence]:
    """A model and the sequence of its windows, one a row, of equal length and evenly spread.

    Each row starts from the states that the run had there. Fewer windows where there are fewer.
    """
    length = min(length, max(run.lengths))
    # Windows that end with each row: that of number n begins at its n-th step.
    fits = np.cumsum([max(0, steps - length + 1) for steps in run.lengths])
    places = np.array(_evenly(int(fits[-1]), count))
    rows = np.searchsorted(fits, places, side="right")
    starts = places - np.concatenate([[0], fits])[rows]
    traces = tuple(
        run.window(row, start, start + length)
        for row, start in zip(rows.tolist(), starts.tolist(), strict=True)
    )
    parts = [one.sequence for one in traces]
    joined = replace(
        parts[0],
        values=np.concatenate([part.values for part in parts], axis=1),
        tokens=tuple(part.tokens[0] for part in parts),
        lengths=(),
    )
    return started_at(run.model, traces), joined


def sample_of(run: WholeRun, n_runs: int) -> tuple[Model, Sequence]:
    """The whole sequence where so many runs over it are quick, else windows of it."""
    affordable = int(MAX_PRODUCTS / max(1, n_runs * run.model.n_parameters))
    affordable = min(affordable, int(whole_run.MAX_IN_MEMORY / run.step_bytes))
    if run.n_rows == run.sequence.n_rows and sum(run.lengths) <= affordable:
        return run.model, run.sequence
    return spread_windows(run, _ROWS, max(_SHORTEST, affordable // _ROWS))


def _evenly(size: int, count: int) -> list[int]:
    """Different places in a list of `size`, the first and the last among them."""
    return sorted({round(place) for place in np.linspace(0, size - 1, min(count, size))})
