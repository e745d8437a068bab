"""A model's run over a whole sequence, in memory or on disk, read by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import LayerTrace, Trace
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
        traced = trace_model(model, kept)
        progress(1.0)
        yield WholeRun(
            model, sequence, kept.n_rows, step_bytes, lambda *place: trace_window(traced, *place)
        )
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


def trace_window(trace: Trace, row: int, start: int, stop: int) -> Trace:
    """Trace of the steps from `start` up to `stop` of one row.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[0.5], [0.1], [0.3]])
    >>> part = trace_window(trace, 0, 1, 3)
    >>> part.sequence.tokens, bool((part.layers[0].before["hidden"] == trace["hidden"][:2]).all())
    ((('2', '3'),), True)
    """
    length = trace.sequence.lengths[row]
    return replace(
        trace,
        sequence=cut_sequence(trace.sequence, row, start, stop),
        layers=tuple(_cut_layer(layer, length, (row, start, stop)) for layer in trace.layers),
        outputs=trace.outputs[start:stop, row : row + 1],
        start=start,
        whole=length,
    )


def cut_sequence(sequence: Sequence, row: int, start: int, stop: int) -> Sequence:
    """The steps from `start` up to `stop` of one row of a sequence.

    >>> cut_sequence(Sequence(np.zeros((4, 2, 1))), 1, 1, 3).tokens
    (('2', '3'),)
    """
    values, tokens = sequence.values[start:stop, row : row + 1], sequence.tokens[row][start:stop]
    return replace(sequence, values=values, tokens=(tokens,), lengths=())


def _cut_layer(layer: LayerTrace, length: int, place: tuple[int, int, int]) -> LayerTrace:
    """Part of a layer's trace, in a row of so many steps."""
    row, start, stop = place
    steps, rows = slice(start, stop), slice(row, row + 1)
    # A backward layer comes from the window's end.
    before, last = (stop, start) if layer.direction == "backward" else (start - 1, stop - 1)
    return replace(
        layer,
        signals={name: array[steps, rows] for name, array in layer.signals.items()},
        initial={
            name: layer.signals[name][before, rows] if 0 <= before < length else first[rows]
            for name, first in layer.initial.items()
        },
        final={name: layer.signals[name][last, rows] for name in layer.initial},
        preactivations={},
        started={},
    )


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
