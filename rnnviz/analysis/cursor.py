"""Cursor into a trace: one unit of one layer, at one step of one batch row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import is_one_of, is_whole_number, shown
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.errors import InputError
from rnnviz.interventions.types import Clamp, Intervention, Silence


@dataclass(frozen=True, eq=False)
class Cursor:
    """A unit at a step; all are counted from 0, and a row's steps end with its length.

    Raises InputError for a layer, row, time or unit that the trace does not have.
    """

    trace: Trace
    layer: int
    time: int
    unit: int
    row: int

    def __post_init__(self) -> None:
        check_index("layer", self.layer, len(self.trace.layers))
        check_index("row", self.row, self.trace.sequence.n_rows)
        check_index("time", self.time, self.trace.sequence.lengths[self.row])
        check_index("unit", self.unit, self.traced.n_units)

    @property
    def traced(self) -> LayerTrace:
        """Trace of the layer."""
        return self.trace.layers[self.layer]

    @property
    def token(self) -> str:
        """The token that is read at this step."""
        return self.trace.sequence.tokens[self.row][self.time]

    def signal(self, name: str) -> Array:
        """A signal of all the layer's units (unit,) at this step."""
        return self._here(self.traced.signals[name])

    def before(self, state: str) -> Array:
        """The state of all the layer's units (unit,) that this step started from."""
        return self._here(self.traced.state_before(state))

    def _here(self, values: Array) -> Array:
        here: Array = values[self.time, self.row]
        return here


def check_index(axis: str, index: int, size: int, first: int = 0) -> None:
    """Raise InputError unless a whole number, counted from `first`, is one of `size`."""
    if not is_whole_number(index) or not first <= index < first + size:
        raise InputError(
            "The trace has no {axis} {index}: it has {size}, counted from {first}.",
            axis="step" if axis == "time" else axis,
            index=shown(index),
            size=size,
            first=first,
        )


def layer_trace(trace: Trace, layer: int, *, row: int = 0, unit: int | None = None) -> LayerTrace:
    """Trace of a layer. Raises InputError for a layer, row or unit that the trace does not have."""
    check_index("layer", layer, len(trace.layers))
    check_index("row", row, trace.sequence.n_rows)
    if unit is not None:
        check_index("unit", unit, trace.layers[layer].n_units)
    return trace.layers[layer]


def check_signal(name: str, known: Iterable[str]) -> None:
    """Raise InputError unless the trace or recording has a signal of this name."""
    signals = tuple(known)
    if not is_one_of(name, signals):
        raise InputError(
            'This trace holds {signals}, but "{came}" was asked for.',
            signals=", ".join(signals),
            came=shown(name),
        )


def is_clamped(cursor: Cursor, signal: str) -> bool:
    """True where a gate is clamped, or the hidden number silenced, at this unit and step.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=3)
    >>> trace = rv.trace(model, [[0.5]], intervene=[rv.Clamp("forget", 1, units=2)])
    >>> [is_clamped(Cursor(trace, 0, 0, unit, 0), "forget") for unit in range(3)]
    [False, False, True]
    """
    if not cursor.trace.interventions:
        return False
    held = held_numbers(cursor.trace, signal, layer=cursor.layer, row=cursor.row)
    return bool(held[cursor.time, cursor.unit])


def held_numbers(trace: Trace, signal: str, *, layer: int, row: int = 0) -> Array:
    """Mask (time, unit), True where a gate is clamped, or the hidden number silenced.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> trace = rv.trace(model, [[0.5], [0.1]], intervene=[rv.Clamp("update", 1, 1, start=1)])
    >>> held_numbers(trace, "update", layer=0).tolist()
    [[False, False], [False, True]]
    """
    length = trace.sequence.lengths[row]
    held = np.zeros((length, trace.layers[layer].signals[signal].shape[2]), bool)
    for one in trace.interventions:
        if _acts_on(one, signal, layer, row):
            assert isinstance(one, Clamp | Silence)
            units = slice(None) if one.units is None else np.atleast_1d(one.units)
            held[one.start : one.stop, units] = True
    return held


def _acts_on(one: Intervention, signal: str, layer: int, row: int) -> bool:
    if not isinstance(one, Clamp | Silence):
        return False
    held = one.gate if isinstance(one, Clamp) else "hidden"
    return held == signal and one.layer == layer and one.row in (None, row)
