"""Difference of two runs: signal by signal, where it is largest, and in what they predict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from rnnviz.analysis.align import Alignment, StepOrGap, align, align_values
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.panels import INPUTS, Panel, Panels, panels, signal_names
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError

# Hidden states of two networks side by side, and their difference.
SIMPLE = Signal("simple", "h", "state", -1, 1)
RESET_BEFORE = Signal("reset_before", "h", "state", -1, 1)
RESET_AFTER = Signal("reset_after", "h", "state", -1, 1)
MISREAD = Signal("misread", "h", "state", -1, 1)
GAP = Signal("gap", "Δ", "state", -inf, inf)


@dataclass(frozen=True)
class ValueDifference:
    """Difference of one number in two runs.

    unit    the label of its line: a unit's number, or the name of a readout's output.
    step    the column of the common time axis, counted from 0.
    token   what stands there, as in `Alignment.labels`.
    one     the number of the first run; `other`, of the second.
    """

    signal: Signal
    unit: str
    step: int
    token: str
    one: float
    other: float

    @property
    def difference(self) -> float:
        """The other minus the one."""
        return self.other - self.one


@dataclass(frozen=True)
class SignalDifference:
    """Difference of one signal: max |Δ| and its place, mean |Δ| over all numbers."""

    largest: ValueDifference
    mean: float

    @property
    def signal(self) -> Signal:
        """The signal."""
        return self.largest.signal

    @property
    def max(self) -> float:
        """Max |Δ|."""
        return abs(self.largest.difference)


@dataclass(frozen=True)
class PredictedOutputs:
    """Most probable outputs of two runs at every column of the common axis, None at gaps."""

    one: tuple[str | None, ...]
    other: tuple[str | None, ...]

    @property
    def flips(self) -> tuple[int, ...]:
        """Columns where both runs predict, and not the same."""
        pairs = enumerate(zip(self.one, self.other, strict=True))
        return tuple(t for t, (a, b) in pairs if a is not None and b is not None and a != b)


def shared_signals(one: Trace, other: Trace, *, layer: int = 0) -> tuple[str, ...]:
    """Signals that both runs have with the same rows, in the order they are drawn.

    Raises InputError when there is none, or for a layer that a run does not have.
    """
    lines = [_lines(trace, layer) for trace in (one, other)]
    both = tuple(name for name in lines[0] if lines[1].get(name) == lines[0][name])
    if not both:
        raise InputError(
            "Two runs are subtracted where both have a signal with the same units, but one has"
            " {one} and the other {other}; choose the same number of units.",
            one=_described(lines[0]),
            other=_described(lines[1]),
        )
    return both


def trace_difference(
    one: Trace,
    other: Trace,
    signals: Iterable[str] | None = None,
    *,
    layer: int = 0,
    row: int = 0,
    order: str = "index",
    units: Iterable[int] | None = None,
    steps: Alignment | None = None,
) -> Panels:
    """The other minus the one, of one layer for one batch row; by default all shared signals.

    order, units   as in `panels`; the first run's activity orders.
    steps          which steps stand over each other; by default the tokens are aligned.

    Values are (unit, column), NaN where a run has no step. Signals of one kind and one range (the
    gates; the hidden states, but not the cell, which has no bound) have one scale: centred on 0, it
    reaches their largest |Δ|, or ±1 where nothing differs. Tokens are those of `Alignment.labels`;
    `is_trained` is False where neither run's model is. Raises InputError where nothing is shared,
    and as `panels`.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> one, other = rv.trace(model, [[0.5], [0.1]]), rv.trace(model, [[0.5], [0.9]])
    >>> view = trace_difference(one, other)
    >>> [panel.signal.name for panel in view.panels], view.panels[0].values[:, 0].tolist()
    (['hidden', 'reset', 'update', 'candidate'], [0.0, 0.0])
    """
    pairs = _pairs(one, other, signals=signals, layer=layer, row=row, steps=steps)
    wanted = [pair.signal.name for pair in pairs]
    shown = panels(one, wanted, layer=layer, row=row, order=order, units=units)
    drawn = zip(pairs, shown.panels, _limits(pairs), strict=True)
    return Panels(
        tuple(_difference_panel(*placed) for placed in drawn),
        (steps or align_traces(one, other, row)).labels(*_tokens(one, other, row)),
        shown.cell,
        one.is_trained or other.is_trained,
        direction=shown.direction,
    )


def align_traces(one: Trace, other: Trace, row: int = 0) -> Alignment:
    """Common time axis of two runs, by their tokens."""
    return align(*_tokens(one, other, row))


def largest_differences(
    one: Trace, other: Trace, n: int = 5, **choices: Any
) -> tuple[ValueDifference, ...]:
    """The n numbers that differ most, the largest |Δ| first.

    `choices` are those of `difference`: signals, layer, row, units, steps.
    """
    found = [most for pair in _pairs(one, other, **choices) for most in pair.most(n)]
    return tuple(sorted(found, key=lambda one: -abs(one.difference))[:n])


def signal_differences(one: Trace, other: Trace, **choices: Any) -> tuple[SignalDifference, ...]:
    """Max |Δ| and mean |Δ| of every shared signal, the signal of the largest first.

    `choices` are those of `difference`.
    """
    found = [
        SignalDifference(pair.most(1)[0], float(np.nanmean(np.abs(pair.delta))))
        for pair in _pairs(one, other, **choices)
    ]
    return tuple(sorted(found, key=lambda size: -size.max))


def predicted_outputs(
    one: Trace, other: Trace, *, row: int = 0, steps: Alignment | None = None
) -> PredictedOutputs | None:
    """Most probable outputs at every column; None unless both runs end in a softmax."""
    if not all(trace.readout == "softmax" and trace.output_names for trace in (one, other)):
        return None
    steps = steps or align_traces(one, other, row)
    return PredictedOutputs(
        _most_probable(one, row, steps.one), _most_probable(other, row, steps.other)
    )


@dataclass(frozen=True, eq=False)
class _SignalPair:
    """One signal of both runs (unit, column) on the common axis."""

    signal: Signal
    units: tuple[str, ...]
    tokens: tuple[str, ...]
    one: Array
    other: Array

    @property
    def delta(self) -> Array:
        return self.other.astype(np.float64) - self.one

    def most(self, n: int) -> list[ValueDifference]:
        size = np.nan_to_num(np.abs(self.delta), nan=-1.0).ravel()
        n = min(n, int((size >= 0).sum()))
        order = np.argsort(-size, kind="stable")[:n]
        return [self._at(*divmod(int(place), len(self.tokens))) for place in order]

    def _at(self, unit: int, step: int) -> ValueDifference:
        values = float(self.one[unit, step]), float(self.other[unit, step])
        return ValueDifference(self.signal, self.units[unit], step, self.tokens[step], *values)


def _pairs(
    one: Trace,
    other: Trace,
    *,
    signals: Iterable[str] | None = None,
    layer: int = 0,
    row: int = 0,
    units: Iterable[int] | None = None,
    steps: Alignment | None = None,
) -> list[_SignalPair]:
    wanted = _checked_signals(one, other, signals, layer)
    steps = steps or align_traces(one, other, row)
    tokens = steps.labels(*_tokens(one, other, row))
    units = None if units is None else tuple(units)
    views = [panels(trace, wanted, layer=layer, row=row, units=units) for trace in (one, other)]
    return [
        _SignalPair(
            a.signal,
            a.units,
            tokens,
            align_values(a.values, steps.one),
            align_values(b.values, steps.other),
        )
        for a, b in zip(views[0].panels, views[1].panels, strict=True)
    ]


def _checked_signals(
    one: Trace, other: Trace, signals: Iterable[str] | None, layer: int
) -> tuple[str, ...]:
    both = shared_signals(one, other, layer=layer)
    wanted = both if signals is None else tuple(signals)
    for name in wanted:
        if name not in both:
            raise InputError(
                'These runs share {signals}, but "{came}" was asked for.',
                signals=", ".join(both),
                came=name,
            )
    return wanted


def _lines(trace: Trace, layer: int) -> dict[str, tuple[str, ...]]:
    """Row labels by signal; the inputs are left out, for they are not of the run."""
    panels(trace, [], layer=layer)
    drawn = [name for name in signal_names(trace, layer) if name != INPUTS.name]
    return {panel.signal.name: panel.units for panel in panels(trace, drawn, layer=layer).panels}


def _described(lines: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"{name} ({len(units)})" for name, units in lines.items())


def _tokens(one: Trace, other: Trace, row: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tokens of both runs. Raises InputError for a row that one does not have."""
    for trace in (one, other):
        check_index("row", row, trace.sequence.n_rows)
    return one.sequence.tokens[row], other.sequence.tokens[row]


def _limits(pairs: list[_SignalPair]) -> list[float]:
    """Limit of every signal's scale: the largest |Δ| among signals of its kind and range."""
    groups = [(pair.signal.kind, pair.signal.low, pair.signal.high) for pair in pairs]
    reach: dict[tuple[str, float, float], float] = {}
    for key, pair in zip(groups, pairs, strict=True):
        here = float(np.nanmax(np.abs(pair.delta), initial=0.0))
        reach[key] = max(here, reach.get(key, 0.0))
    return [reach[key] or 1.0 for key in groups]


def _difference_panel(pair: _SignalPair, like: Panel, limit: float) -> Panel:
    """Panel of a difference with the rows of another panel, in their order."""
    rows = ... if like.has_own_axis else [pair.units.index(unit) for unit in like.units]
    return Panel(pair.signal, pair.delta[rows], like.units, -limit, limit)


def _most_probable(trace: Trace, row: int, steps: tuple[StepOrGap, ...]) -> tuple[str | None, ...]:
    best = trace.outputs[: trace.sequence.lengths[row], row].argmax(axis=1)
    return tuple(None if step is None else trace.output_names[best[step]] for step in steps)


def side_by_side(trace: Trace, other: Trace, second: Signal, first: Signal | None = None) -> Panels:
    """Hidden states of two networks, and the first minus the second.

    All three on one scale, (unit, time): where the two agree the third is blank.

    first, second   signals that name the two; by default the first is the hidden state.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5], [0.1]])
    >>> view = side_by_side(trace, trace, RESET_AFTER, RESET_BEFORE)
    >>> [panel.signal.name for panel in view.panels]
    ['reset_before', 'reset_after', 'gap']
    """
    own, others = (panels(one, ["hidden"]) for one in (trace, other))
    (one,), (two,) = own.panels, others.panels
    limit = max(one.high, two.high)
    drawn = (
        Panel(first or one.signal, one.values, one.units, -limit, limit),
        Panel(second, two.values, two.units, -limit, limit),
        Panel(GAP, one.values - two.values, one.units, -limit, limit),
    )
    return Panels(drawn, own.tokens, own.cell, own.is_trained)


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
