"""A network's answer at every step: a class, the token to come, or numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array, read_only
from rnnviz.engine.trace import Trace
from rnnviz.train.right_answers import right_answers
from rnnviz.train.tasks import TASKS

AnswerKind = Literal["classes", "next", "labels", "numbers"]
# Bars that stand one by one; of more classes the likeliest.
MAX_BARS = 10


@dataclass(frozen=True, eq=False)
class Answer:
    """A network's answer at every step of one batch row.

    kind      "classes": one of several, with probabilities that add up to 1; "next": the token to
              come, likewise; "labels": each output's own probability; "numbers".
    task      that it was trained on, "" where that is not known.
    names     of the outputs.
    values    (time, output).
    truth     of classes and tokens the right output (time,), of numbers (time, output); NaN where
              it is not known.
    is_trained  False when the weights are random: the answer then means nothing.
    reads_ahead True when a layer reads backward, so that every answer knows the whole input.
    """

    kind: AnswerKind
    task: str
    names: tuple[str, ...]
    values: Array
    truth: Array
    is_trained: bool
    reads_ahead: bool

    @property
    def n_steps(self) -> int:
        """Steps that are answered."""
        return len(self.values)

    @property
    def best(self) -> Array:
        """The most probable output at every step, (time,)."""
        return read_only(self.values.argmax(axis=1))

    @property
    def is_asked_last(self) -> bool:
        """True when it was trained to answer after the last step alone."""
        return self.task == "adding" or (self.task in TASKS and TASKS[self.task].kind == "classify")

    @property
    def bars(self) -> tuple[int, ...]:
        """Outputs to draw, in their own order: all, or of many the MAX_BARS likeliest anywhere."""
        if len(self.names) <= MAX_BARS:
            return tuple(range(len(self.names)))
        if self.kind == "numbers":
            return tuple(range(MAX_BARS))
        largest = np.argsort(-self.values.max(axis=0), kind="stable")
        return tuple(sorted(map(int, largest[:MAX_BARS])))

    def likeliest(self, n: int) -> Array:
        """The n most probable outputs at every step, the first one first, (time, n)."""
        return read_only(np.argsort(-self.values, axis=1, kind="stable")[:, :n])

    @property
    def perplexity(self) -> float | None:
        """exp of the mean −ln of the probability that each token which came had been given.

        1 where each was certain, the number of tokens where all were equally likely; None where no
        next token is known. F. Jelinek et al., "Perplexity", J. Acoust. Soc. Am. 62 (1977), S63.
        """
        known = np.flatnonzero(~np.isnan(self.truth)) if self.kind == "next" else np.array([], int)
        if not len(known):
            return None
        given = self.values[known, self.truth[known].astype(int)].astype(np.float64)
        least = np.finfo(np.float64).tiny
        return float(np.exp(-np.log(np.maximum(given, least)).mean()))


def answer(
    trace: Trace, task: str = "", *, row: int = 0, next_of: tuple[str, ...] = ()
) -> Answer | None:
    """The network's answers to one batch row; None for a model without a readout.

    task     in `rnnviz.train.TASKS`, what the model was trained on, where that is known: a softmax
             over tokens may name classes as well as the token to come.
    next_of  the tokens, one an output, of which somebody says that the model predicts the next.

    Raises InputError for a row that the trace does not have.

    >>> from rnnviz import parse, trace
    >>> from rnnviz.train import preset
    >>> run = trace(preset("brackets_lstm").model(), parse("(([", kind="characters"))
    >>> view = answer(run, "brackets")
    >>> [view.names[i] for i in view.best], view.truth.tolist()
    (['1', '2', '3'], [1.0, 2.0, 3.0])
    """
    check_index("row", row, trace.sequence.n_rows)
    if not trace.output_names:
        return None
    length = trace.sequence.lengths[row]
    if _fits(trace, task):
        names, kind, truth = trace.output_names, _kind(trace, task), _truth(trace, task, row)
    elif trace.readout == "softmax" and len(next_of) == len(trace.output_names):
        names, kind, truth = next_of, "next", _following(trace, next_of, row)
    else:
        names, kind, truth = trace.output_names, _kind(trace, ""), _unknown(trace, length)
    return Answer(
        kind,
        task if _fits(trace, task) else "",
        names,
        trace.outputs[:length, row],
        read_only(truth),
        trace.is_trained,
        any(layer.direction == "backward" for layer in trace.layers),
    )


def _fits(trace: Trace, task: str) -> bool:
    return task in TASKS and TASKS[task].outputs == trace.output_names


def _kind(trace: Trace, task: str) -> AnswerKind:
    if trace.readout == "softmax":
        return "next" if task and TASKS[task].kind == "next" else "classes"
    return "labels" if trace.readout == "sigmoid" else "numbers"


def _truth(trace: Trace, task: str, row: int) -> Array:
    is_whole = trace.whole == trace.start + trace.sequence.n_steps and not trace.start
    return right_answers(task, trace.sequence, row=row, is_whole=is_whole)


def _following(trace: Trace, tokens: tuple[str, ...], row: int) -> Array:
    """The token that comes after every step, (time,); NaN after the last."""
    index = {token: i for i, token in enumerate(tokens)}
    return np.array([*(index.get(t, np.nan) for t in trace.sequence.tokens[row][1:]), np.nan])


def _unknown(trace: Trace, length: int) -> Array:
    is_one = trace.readout == "softmax"
    return np.full(length if is_one else (length, len(trace.output_names)), np.nan)
