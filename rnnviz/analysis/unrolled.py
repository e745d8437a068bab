"""Recurrent network unrolled in time: one column a step, three shared matrices between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array, read_only
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label


@dataclass(frozen=True, eq=False)
class Unrolled:
    """The first steps of one batch row.

    tokens      what is read at every step.
    hidden      the top level's forward hidden state, (unit, time).
    outputs     the readout's most probable output after every step; empty without a readout.
    is_trained  False when the weights are random.
    """

    tokens: tuple[str, ...]
    hidden: Array
    outputs: tuple[str, ...]
    is_trained: bool


def unrolled(trace: Trace, n_steps: int, row: int = 0) -> Unrolled:
    """The first `n_steps` of a trace of one layer, or of all its steps where there are fewer.

    Raises InputError for a trace of several layers, or for a row that it does not have.

    >>> import rnnviz as rv
    >>> view = unrolled(rv.trace(rv.random_model("rnn", 1, 2), [[0.5], [0.1], [0.2]]), 2)
    >>> view.tokens, view.hidden.shape, len(view.outputs)
    (('1', '2'), (2, 2), 2)
    """
    check_index("row", row, trace.sequence.n_rows)
    if len(trace.layers) != 1:
        raise InputError(
            "One layer is unrolled, but this trace has {came}; trace a model of one layer.",
            came=len(trace.layers),
        )
    shown = min(n_steps, trace.sequence.lengths[row])
    best = trace.outputs[:shown, row].argmax(1) if trace.output_names else ()
    return Unrolled(
        tuple(map(token_label, trace.sequence.tokens[row][:shown])),
        read_only(np.array(trace["hidden"][:shown, row].T)),
        tuple(token_label(trace.output_names[output]) for output in best),
        trace.is_trained,
    )
