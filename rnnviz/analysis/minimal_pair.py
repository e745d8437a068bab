"""A second input that differs from a first one at a single step and is answered differently."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.started_as import started_as
from rnnviz.analysis.token_numbers import token_numbers
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.network.model import Model

# Changes that are tried: so many, of so many tokens at each step.
_MOST_TRIED, _MOST_TOKENS = 160, 12


@dataclass(frozen=True, eq=False)
class _Change:
    step: int
    token: str
    numbers: Array


def minimal_pair(model: Model, run: Trace, *, time: int | None = None) -> Sequence:
    """The sequence of a run of a single row with one step changed so that the answer is another.

    run   of the model.
    time  the step whose answer is looked at, by default the last.

    A token becomes another one, numbers become zeros. Taken is the earliest of the steps that are
    tried where some change makes another output the most probable; where none does, or where
    outputs are no classes, the earliest that moves the outputs at least half as far as any.

    Raises InputError for a step that is not there and for a run of nothing but zeros, or of a
    single token.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> model = preset("brackets_lstm").model()
    >>> run = rv.trace(model, rv.parse("(([]"))
    >>> pair = minimal_pair(model, run)
    >>> sum(a != b for a, b in zip(pair.tokens[0], run.sequence.tokens[0]))
    1
    """
    n_steps = run.sequence.n_steps
    time = n_steps - 1 if time is None else time
    check_index("time", time, n_steps)
    changes = _changes(model, run.sequence, time)
    if not changes:
        raise InputError(
            "The input has no step that could be changed, a single token or zeros alone; take a"
            " longer one."
        )
    values = np.repeat(run.sequence.values, len(changes), axis=1)
    for row, one in enumerate(changes):
        values[one.step, row] = one.numbers
    outputs = trace_model(started_as(model, run), Sequence(values)).outputs[time]
    return _changed(run.sequence, changes[_chosen(run, outputs, changes, time)])


def _changes(model: Model, read: Sequence, time: int) -> list[_Change]:
    """What is tried, in the order of the steps."""
    if read.encoding == "values":
        moved = np.flatnonzero(read.values[: time + 1, 0].any(axis=1))
        zeros = np.zeros(read.n_features)
        return [_Change(step, "0", zeros) for step in _spread(moved, _MOST_TRIED)]
    known = read.features if read.encoding == "one_hot" else ()
    tokens = list(dict.fromkeys((*read.tokens[0], *(model.vocabulary or known))))[:_MOST_TOKENS]
    numbers = {token: token_numbers(model, read, token) for token in tokens}
    steps = _spread(np.arange(time + 1), _MOST_TRIED // len(tokens))
    return [
        _Change(step, token, of_token)
        for step in steps
        for token, of_token in numbers.items()
        if of_token is not None and token != read.tokens[0][step]
    ]


def _spread(steps: Array, most: int) -> list[int]:
    """At most so many of the steps, evenly spread."""
    places = np.linspace(0, len(steps) - 1, min(most, len(steps))).astype(int)
    return [int(step) for step in steps[places]]


def _chosen(run: Trace, outputs: Array, changes: list[_Change], time: int) -> int:
    before = run.outputs[time, 0]
    distance = np.abs(outputs - before).max(axis=1)
    if run.readout == "softmax" and run.output_names:
        flips = np.flatnonzero(outputs.argmax(axis=1) != before.argmax())
        if len(flips):
            first = changes[flips[0]].step
            earliest = [int(row) for row in flips if changes[row].step == first]
            return max(earliest, key=lambda row: float(distance[row]))
    # Of changes that move the outputs far, the earliest.
    return int(np.flatnonzero(distance >= distance.max() / 2)[0])


def _changed(read: Sequence, change: _Change) -> Sequence:
    values, tokens = read.values.copy(), list(read.tokens[0])
    values[change.step, 0], tokens[change.step] = change.numbers, change.token
    return replace(read, values=values, tokens=(tuple(tokens),))
