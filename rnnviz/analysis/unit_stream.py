"""States of a model over a long text or table, window by window, and never all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.analysis.text_features import ReadTokens
from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_choice, is_whole_number, shown
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import sequence_for_model
from rnnviz.engine.layer_runner import Chunk, initial_states
from rnnviz.engine.model_inputs import encode_for_model, reads_text, token_kind
from rnnviz.engine.model_runner import check_input_range
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.engine.trace_layer import trace_chunk
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError, ModelError
from rnnviz.inputs.parse import TextKind
from rnnviz.inputs.tokenise import between_tokens, joined_tokens, vocabulary_kind
from rnnviz.network.model import Model
from rnnviz.recordings.model_inputs import as_model_inputs
from rnnviz.recordings.record import recording_size
from rnnviz.recordings.source import InMemory, NumericArray, SequenceSource
from rnnviz.recordings.token_ids import encode_tokens, long_text

MAX_FOUND_STEPS = 2_000_000
_WINDOW, _WINDOW_BYTES = 8192, 64_000_000
_MAX_WHOLE_BYTES = 512_000_000


@dataclass(frozen=True, eq=False)
class UnitStream:
    """Model and what it reads, as windows of one signal of one layer.

    rows    what each row of the input is read from; all rows are one axis of time, one after the
            other.
    starts  first step of every row.
    """

    model: Model
    layer: int
    signal: str
    rows: tuple[SequenceSource, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """First step of every row on the one axis of time."""
        lengths = [row.n_steps for row in self.rows]
        return tuple(np.cumsum([0, *lengths[:-1]]).tolist())

    @property
    def n_steps(self) -> int:
        """Steps of all rows together."""
        return sum(row.n_steps for row in self.rows)

    @property
    def n_units(self) -> int:
        """Numbers of the signal at a step."""
        return self.model.layers[self.layer].width(self.signal)

    def windows(self) -> Iterator[tuple[int, Array]]:
        """First step and states (step, unit) of every window, from the first step to the last."""
        layers = self.model.layers
        needed = [one for one in layers if one.level <= layers[self.layer].level]
        if len(self.rows) > 1 or any(one.direction == "backward" for one in needed):
            yield from self._traced_rows()
        else:
            yield from self._carried()

    @cached_property
    def tokens(self) -> ReadTokens | None:
        """Tokens of all rows; None where the model reads numbers."""
        if self.rows[0].encoding == "values":
            return None
        known: dict[str, int] = {}
        parts = []
        for row in self.rows:
            found = encode_tokens(row)
            ids, tokens = found if found is not None else (np.zeros(row.n_steps, int), ("",))
            places = np.array([known.setdefault(token, len(known)) for token in tokens])
            parts.append(places[ids])
        return ReadTokens(np.concatenate(parts), tuple(known), self.starts)

    @property
    def glue(self) -> str:
        """Text between two tokens: nothing between characters."""
        if self.tokens is None:
            return " "
        return between_tokens(vocabulary_kind(self.tokens.tokens))

    def labels(self, start: int, stop: int) -> tuple[str, ...]:
        """Tokens of the steps from `start` up to `stop`, of one row."""
        row, first = self.place(start)
        return self.rows[row].window(first, first + stop - start).tokens[0]

    def place(self, step: int) -> tuple[int, int]:
        """Row of a step and its number in the row."""
        row = int(np.searchsorted(self.starts, step, side="right")) - 1
        return row, step - self.starts[row]

    def row_end(self, step: int) -> int:
        """Step after the last of the row that a step is in."""
        row, first = self.place(step)
        return step - first + self.rows[row].n_steps

    def values(self, start: int, stop: int) -> Array:
        """Numbers (step, feature) that the model reads, from `start` up to `stop`."""
        parts = []
        while start < stop:
            row, first = self.place(start)
            end = min(stop, self.row_end(start))
            parts.append(self.rows[row].values(first, first + end - start)[:, 0])
            start = end
        return np.concatenate(parts)

    def _carried(self) -> Iterator[tuple[int, Array]]:
        """Windows of the only row, every layer's states carried from each to the next."""
        model, source, total = self.model, self.rows[0], self.n_steps
        layers = model.layers[: self.layer + 1]
        carried: list[dict[str, Array]] = [
            {n: np.asarray(s, model.dtype) for n, s in initial_states(layer, 1).items()}
            for layer in layers
        ]
        for start in range(0, total, _WINDOW):
            stop = min(start + _WINDOW, total)
            values = check_input_range(model, source.values(start, stop))
            for i, layer in enumerate(layers):
                chunk = Chunk(start, total, carried[i])
                traced = trace_chunk(layer, values, chunk, model.dtype)
                carried[i], values = dict(traced.final), traced.signals["hidden"]
            yield start, traced.signals[self.signal][:, 0]

    def _traced_rows(self) -> Iterator[tuple[int, Array]]:
        """Rows in groups that memory holds, each group traced as a batch."""
        start = 0
        for group in self._groups():
            trace = trace_model(self.model, group)
            states = trace.layers[self.layer].signals[self.signal]
            for row, length in enumerate(trace.sequence.lengths):
                yield start, states[:length, row]
                start += length

    def _groups(self) -> Iterator[Sequence]:
        longest = max(row.n_steps for row in self.rows)
        a_step = recording_size(self.model, self.rows[0]) / self.rows[0].n_steps
        if longest * a_step > _MAX_WHOLE_BYTES:
            raise InputError(
                "A layer of this model reads from the end, so a row is read whole; of this model it"
                " may have at most {most} steps, but {came} came; read a part of it.",
                most=int(_MAX_WHOLE_BYTES // a_step),
                came=longest,
            )
        size = max(1, int(_WINDOW_BYTES // (longest * a_step)))
        for first in range(0, len(self.rows), size):
            yield batch_of([_whole(row) for row in self.rows[first : first + size]])


def unit_stream(model: Model, text: Any, layer: int, signal: str | None) -> UnitStream:
    """Stream of a model's states over what `rnnviz.find_units` takes.

    Raises ModelError and InputError for what does not fit.
    """
    check_model(model)
    rows = _rows(model, text)
    n_steps = sum(row.n_steps for row in rows)
    if n_steps > MAX_FOUND_STEPS:
        raise InputError(
            "Units are looked through on at most {most} steps, but {came} came; take a part.",
            most=MAX_FOUND_STEPS,
            came=n_steps,
        )
    _check_layer(model, layer, signal)
    return UnitStream(model, layer, signal or _memory(model, layer), rows)


def _check_layer(model: Model, layer: int, signal: str | None) -> None:
    if not is_whole_number(layer) or not 0 <= layer < len(model.layers):
        raise InputError(
            "layer should be a whole number from 0 to {last}, but {came} came.",
            last=len(model.layers) - 1,
            came=shown(layer),
        )
    if signal is not None:
        names = tuple(one.name for one in model.layers[layer].cell.signals)
        check_choice("signal", signal, names)


def _memory(model: Model, layer: int) -> str:
    """The cell state where each hidden number has one of its own, else the hidden state."""
    own = model.layers[layer]
    has_cell = "cell" in own.cell.states and own.width("cell") == own.width("hidden")
    return "cell" if has_cell else "hidden"


def _rows(model: Model, text: Any) -> tuple[SequenceSource, ...]:
    if isinstance(text, Trace):
        text = text.sequence
    if isinstance(text, list | tuple) and text and all(isinstance(one, str) for one in text):
        return tuple(row for one in text for row in _rows(model, one))
    if isinstance(text, str):
        if not reads_text(model) and model.is_trained:
            raise ModelError(
                "This model reads {wanted} numbers a step, but a text came; give it numbers"
                " (time, feature), or the model its tokens with model.with_vocabulary([…]).",
                wanted=model.n_inputs,
            )
        is_open = model.vocabulary is None and not model.is_trained
        kind: TextKind = "characters" if is_open else token_kind(model)
        joined = joined_tokens(model.vocabulary or (), kind)
        return (as_model_inputs(model, long_text(text, kind, joined=joined)),)
    if hasattr(text, "window") and hasattr(text, "n_steps"):
        return (as_model_inputs(model, text),)
    is_plain = isinstance(text, np.ndarray) and text.ndim == 2 and model.embedding is None
    if is_plain:
        return (as_model_inputs(model, NumericArray(text)),)
    sequence = encode_for_model(model, sequence_for_model(text, model))
    return tuple(InMemory(_row(sequence, row)) for row in range(sequence.n_rows))


def _row(sequence: Sequence, row: int) -> Sequence:
    if sequence.n_rows == 1:
        return sequence
    length = sequence.lengths[row]
    values = sequence.values[:length, row : row + 1]
    return replace(sequence, values=values, tokens=(sequence.tokens[row],), lengths=(length,))


def _whole(row: SequenceSource) -> Sequence:
    return row.window(0, row.n_steps)


def batch_of(rows: list[Sequence]) -> Sequence:
    """Batch of sequences of one row each, padded."""
    lengths = tuple(row.n_steps for row in rows)
    values = np.zeros((max(lengths), len(rows), rows[0].n_features), rows[0].values.dtype)
    for i, row in enumerate(rows):
        values[: lengths[i], i] = row.values[:, 0]
    return replace(rows[0], values=values, tokens=tuple(r.tokens[0] for r in rows), lengths=lengths)
