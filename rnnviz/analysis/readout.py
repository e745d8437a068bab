"""Softmax readout at one step: scores and probabilities of the outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array, read_only
from rnnviz.engine.model_runner import apply_readout
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.network.model import Model


@dataclass(frozen=True, eq=False)
class TopOutputs:
    """The most probable outputs at one step, the first one first; arrays (output,).

    names          of the outputs.
    scores         V h_t + d, or V (h_1 + … + h_t) + d.
    probabilities  softmax of all scores, also of those that are not shown.
    is_trained     False when the weights are random.
    is_summed      whether the states of all steps so far were added up.
    """

    names: tuple[str, ...]
    scores: Array
    probabilities: Array
    is_trained: bool
    is_summed: bool = False


def top_outputs(
    model: Model, trace: Trace, step: int, *, n: int = 12, row: int = 0, is_summed: bool = False
) -> TopOutputs:
    """A softmax readout at a step, counted from 0. Elman (1990): y_t = softmax(V h_t + d).

    is_summed  read the sum of the hidden states of all steps so far, as no network here does.

    Raises InputError for a model without a softmax readout, or a step or row that is not there.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", n_inputs=3, n_units=2)
    >>> top_outputs(model, rv.trace(model, [[0.5, 0.1, 0.2]]), 0, n=2).probabilities.shape
    (2,)
    """
    check_index("row", row, trace.sequence.n_rows)
    check_index("step", step, trace.sequence.lengths[row])
    readout = model.readout
    if readout is None or readout.activation != "softmax":
        raise InputError("A model with a softmax readout is wanted, but this one has none.")
    top = len(model.levels) - 1
    first = 0 if is_summed else step
    read = [y.signals["hidden"][first : step + 1, row] for y in trace.layers if y.level == top]
    hidden = np.concatenate(read, axis=1).sum(axis=0)
    scores = readout.weights @ hidden + readout.bias
    probabilities = apply_readout(model, hidden) if is_summed else trace.outputs[step, row]
    shown = np.argsort(-scores, kind="stable")[:n]
    return TopOutputs(
        tuple(token_label(readout.names[output]) for output in shown),
        read_only(scores[shown]),
        read_only(probabilities[shown]),
        model.is_trained,
        is_summed,
    )
