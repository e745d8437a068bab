"""Difference that interventions make to a run over the same tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.difference import ValueDifference, largest_differences
from rnnviz.engine.trace import Trace


@dataclass(frozen=True)
class PredictionChange:
    """Most probable output at one step, in the untouched run and in the other.

    step         counted from 0.
    one, other   its name in either run.
    one_probability    of `one` in the untouched run.
    other_probability  of `other` in the other run.
    divergence   the Kullback–Leibler divergence Σ p ln(p / q) of the two, in nats.
    """

    step: int
    one: str
    other: str
    one_probability: float
    other_probability: float
    divergence: float


@dataclass(frozen=True)
class InterventionEffect:
    """Difference that interventions make to a run over the same tokens.

    largest     the hidden number of the layer that changed most; None where none did.
    prediction  at the step asked for; None without a softmax.
    flips       number of steps at which another output is the most probable.
    """

    largest: ValueDifference | None
    prediction: PredictionChange | None
    flips: int


def intervention_effect(
    one: Trace, other: Trace, *, layer: int = 0, step: int = -1, row: int = 0
) -> InterventionEffect:
    """Difference of the other run of the same sequence; predictions at its last step by default.

    Raises InputError for a layer, step or row that the runs do not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=3)
    >>> plain, held = (rv.trace(model, [[0.5], [0.1]], intervene=do)
    ...     for do in ([], [rv.Clamp("update", 1, units=2, start=1)]))
    >>> found = intervention_effect(plain, held)
    >>> found.largest.unit, found.largest.step, found.prediction
    ('2', 1, None)
    """
    found = largest_differences(one, other, 1, signals=("hidden",), layer=layer, row=row)
    most = found[0] if found and found[0].difference else None
    if one.readout != "softmax" or not one.output_names:
        return InterventionEffect(most, None, 0)
    length = one.sequence.lengths[row]
    check_index("row", row, one.sequence.n_rows)
    check_index("time", step % length, length)
    flips = one.outputs[:length, row].argmax(axis=1) != other.outputs[:length, row].argmax(axis=1)
    return InterventionEffect(
        most, _prediction_change(one, other, step % length, row), int(flips.sum())
    )


def _prediction_change(one: Trace, other: Trace, step: int, row: int) -> PredictionChange:
    p, q = (trace.outputs[step, row].astype(np.float64) for trace in (one, other))
    before, after = int(p.argmax()), int(q.argmax())
    names = one.output_names
    # Where p is 0 its summand is; a q that underflowed would make the sum infinite.
    real = p > 0
    least = np.finfo(np.float64).tiny
    divergence = float(np.sum(p[real] * np.log(p[real] / np.maximum(q[real], least))))
    return PredictionChange(
        step, names[before], names[after], p[before], q[after], max(divergence, 0.0)
    )
