"""Margin of one run's answer over another's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model


@dataclass(frozen=True, eq=False)
class AnswerMargin:
    """Margin between the answers of two runs, A and B, at one step.

        m = s_a − s_b,   s the scores V h + d before the readout's activation

    weights  V (output, hidden) and bias d (output,), float64; the hidden states themselves without
             a readout.
    output   a, the number of A's answer.
    against  b, that of B's; None where the margin is the score of `output` alone.
    names    of both; "" for none.
    in_a, in_b  the margin in either run.
    is_choice   True where one output is chosen: a softmax.
    """

    weights: Array
    bias: Array
    output: int
    against: int | None
    names: tuple[str, str]
    in_a: float
    in_b: float
    is_choice: bool

    @staticmethod
    def between(
        model: Model,
        one: Trace,
        other: Trace,
        time: int,
        output: int | None = None,
        against: int | None = None,
    ) -> AnswerMargin:
        """The margin of run `one` over run `other`, of a single row each, at step `time`.

        Raises InputError where both give the same answer, or the same margin, and ModelError where
        the margin is no finite number.
        """
        weights, bias = _readout(model)
        hidden = np.stack([_top_hidden(model, run, time) for run in (one, other)])
        scores = hidden @ weights.T + bias
        is_choice = model.readout is not None and model.readout.activation == "softmax"
        output, against = _answers(scores, output, against, is_choice, one, time)
        in_a, in_b = _margins(scores, output, against)
        _check_apart(in_a, in_b)
        named = one.output_names or tuple(map(str, range(len(bias))))
        names = (named[output], "" if against is None else named[against])
        return AnswerMargin(
            weights, bias, output, against, names, float(in_a), float(in_b), is_choice
        )

    def recovered(self, hidden: Array) -> Array:
        """Share of the margin that has returned, (row,), of hidden states (row, hidden)."""
        margins = _margins(self._scores(hidden), self.output, self.against)
        shares: Array = (margins - self.in_b) / (self.in_a - self.in_b)
        return shares

    def flips(self, hidden: Array) -> Array:
        """Where the answer itself is A's, (row,): its output is chosen, or more than half of the
        margin is back where no output is chosen."""
        if not self.is_choice:
            return self.recovered(hidden) > 0.5
        chosen: Array = self._scores(hidden).argmax(axis=1) == self.output
        return chosen

    def _scores(self, hidden: Array) -> Array:
        scores: Array = hidden.astype(np.float64) @ self.weights.T + self.bias
        return scores


def _readout(model: Model) -> tuple[Array, Array]:
    if model.readout is None:
        return np.eye(model.n_outputs), np.zeros(model.n_outputs)
    return model.readout.weights.astype(np.float64), model.readout.bias.astype(np.float64)


def _top_hidden(model: Model, run: Trace, time: int) -> Array:
    top = len(model.levels) - 1
    of_level = [traced.signals["hidden"][time, 0] for traced in run.layers if traced.level == top]
    return np.concatenate(of_level).astype(np.float64)


def _answers(
    scores: Array,
    output: int | None,
    against: int | None,
    is_choice: bool,
    run: Trace,
    time: int,
) -> tuple[int, int | None]:
    if not is_choice:
        furthest = int(np.abs(scores[0] - scores[1]).argmax())
        return furthest if output is None else output, against
    a = int(scores[0].argmax()) if output is None else output
    b = int(scores[1].argmax()) if against is None else against
    if a == b:
        raise InputError(
            "Both runs answer “{answer}” at step {step}, counted from 0, so that nothing can"
            " return; take another pair or another step, or name two outputs: output=…,"
            " against=….",
            answer=run.output_names[a],
            step=time,
        )
    return a, b


def _margins(scores: Array, output: int, against: int | None) -> Array:
    margins: Array = scores[:, output] - (0.0 if against is None else scores[:, against])
    return margins


def _check_apart(in_a: float, in_b: float) -> None:
    if not np.isfinite([in_a, in_b]).all():
        raise ModelError("The margin between both runs is no finite number; scale the inputs down.")
    if abs(in_a - in_b) <= 1e-6 * max(abs(in_a), abs(in_b)):
        raise InputError(
            "The margin is the same in both runs, so that nothing can return; take another pair,"
            " another step or other outputs."
        )
