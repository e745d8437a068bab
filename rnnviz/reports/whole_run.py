"""A model's run over a whole sequence, in memory or on disk, read by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from tempfile import TemporaryDirectory

import numpy as np

from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model
from rnnviz.recordings.record import record, recording_size

RunProgress = Callable[[float], object]
# Bytes of a trace that is kept in memory.
MAX_IN_MEMORY = 256_000_000


@dataclass(frozen=True, eq=False)
class WholeRun:
    """Run of a model over every row of a sequence.

    sequence  as the model reads it.
    n_rows    rows that were run: all, or of more than memory holds the first.
    step_bytes  of a step's trace.
    window    trace of the steps from `start` up to `stop` of a row, from (row, start, stop), with
              its position in the whole.
    """

    model: Model
    sequence: Sequence
    n_rows: int
    step_bytes: float
    window: Callable[[int, int, int], Trace]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Steps of every row that was run."""
        return self.sequence.lengths[: self.n_rows]


@contextmanager
def whole_run(model: Model, sequence: Sequence, progress: RunProgress) -> Iterator[WholeRun]:
    """Run of a model, which what is too long for memory keeps in a folder while the block lasts.

    sequence  as `encode_for_model` gives it.

    Raises ModelError when numbers overflow, InputError when the disk is too small.
    """
    row_bytes = recording_size(model, sequence)
    step_bytes = row_bytes / sequence.lengths[0]
    row_bytes = int(step_bytes * sequence.n_steps)
    if row_bytes <= MAX_IN_MEMORY:
        kept = first_rows(sequence, max(1, MAX_IN_MEMORY // row_bytes))
        # A model of its own for every window is not asked for.
        traced = replace(trace_model(model, kept), model=None)
        progress(1.0)
        yield WholeRun(model, sequence, kept.n_rows, step_bytes, partial(trace_part, traced))
        return
    with TemporaryDirectory(prefix="rnnviz-") as folder:
        recording = record(model, sequence, f"{folder}/run", progress=progress)
        yield WholeRun(model, sequence, 1, step_bytes, lambda row, *span: recording.window(*span))


def first_rows(sequence: Sequence, count: int) -> Sequence:
    """The first rows of a sequence.

    >>> first_rows(Sequence(np.zeros((2, 5, 1))), 3).values.shape
    (2, 3, 1)
    """
    if count >= sequence.n_rows:
        return sequence
    lengths = sequence.lengths[:count]
    values = sequence.values[: max(lengths), :count]
    return replace(sequence, values=values, tokens=sequence.tokens[:count], lengths=lengths)


def started_at(model: Model, traces: tuple[Trace, ...]) -> Model:
    """The model with a row of initial states for each trace: those that it started from."""
    layers = (
        replace(layer, initial={**layer.initial, **_stacked(traces, at)})
        for at, layer in enumerate(model.layers)
    )
    return replace(model, layers=tuple(layers))


def _stacked(traces: tuple[Trace, ...], layer: int) -> dict[str, Array]:
    first = traces[0].layers[layer].initial
    return {
        name: np.concatenate([one.layers[layer].initial[name] for one in traces]) for name in first
    }
