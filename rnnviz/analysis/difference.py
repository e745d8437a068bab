"""Difference of two runs: signal by signal, where it is largest, and in what they predict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.align import Alignment, StepOrGap, align, align_values
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.panels import INPUTS, Panel, Panels, panels, signal_names
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError


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
    """Most probable outputs at every column; None unless both runs end in a softmax of the same."""
    if not all(trace.readout == "softmax" and trace.output_names for trace in (one, other)):
        return None
    # Of outputs with other names nobody knows which are the same.
    if one.output_names != other.output_names:
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
