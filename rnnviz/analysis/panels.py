"""Panels of a trace: one small array a signal, in drawing order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np

from rnnviz.analysis.cursor import check_signal, layer_trace
from rnnviz.analysis.unit_order import only_units, order_units
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.formatting import token_label
from rnnviz.network.layer import Direction

INPUTS = Signal("inputs", "x", "state", -inf, inf)
PROBABILITIES = Signal("probabilities", "y", "probability", 0, 1)
OUTPUTS = Signal("outputs", "y", "output", -inf, inf)
_READ_OUT = {signal.name: signal for signal in (PROBABILITIES, OUTPUTS)}


@dataclass(frozen=True, eq=False)
class Panel:
    """One signal of one layer for one batch row.

    values  (unit, time) in drawing order, padding left out.
    units   a label for every line: unit numbers, or the names of a readout's outputs.
    low     where the colour scale begins.
    high    where it ends; scales of signed signals are centred on zero.
    """

    signal: Signal
    values: Array
    units: tuple[str, ...]
    low: float
    high: float

    @property
    def axis(self) -> str:
        """Axis of the rows: "unit" of the layer, "input" or "output" of the network."""
        apart = {INPUTS.name: "input", **dict.fromkeys(_READ_OUT, "output")}
        return apart.get(self.signal.name, self.signal.axis)

    @property
    def has_own_axis(self) -> bool:
        """True where the rows are not the layer's units."""
        return self.axis != "unit"


@dataclass(frozen=True, eq=False)
class Panels:
    """Panels over one time axis.

    tokens      a visible label for every step.
    cell        the name of the cell the panels belong to.
    is_trained  False when the weights are random.
    start       the number (from 0) of the first step in a longer sequence that this is a part of.
    whole       steps of that longer sequence; by default up to its own last.
    direction   "forward", or "backward" for a layer that reads from the last step to the first.
    """

    panels: tuple[Panel, ...]
    tokens: tuple[str, ...]
    cell: str
    is_trained: bool
    start: int = 0
    whole: int = 0
    direction: Direction = "forward"

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", self.whole or self.start + self.n_steps)

    @property
    def n_steps(self) -> int:
        """Timesteps of the panels."""
        return len(self.tokens)


def panels(
    trace: Trace,
    signals: Iterable[str] | None = None,
    *,
    layer: int = 0,
    row: int = 0,
    order: str = "index",
    units: Iterable[int] | None = None,
) -> Panels:
    """The signals of one layer for one batch row; by default all, and the readout's probabilities.

    order   "index", "activity" or "similarity": how units stand (`order_units`).
    units   only these; by default all.

    Raises InputError for a layer, row, unit or signal that the trace does not have.
    """
    chosen = layer_trace(trace, layer, row=row)
    shown = _units(chosen, row, trace.sequence.lengths[row], order, units)
    wanted = _layer_signal_names(trace, chosen) if signals is None else tuple(signals)
    drawn = tuple(_panel(trace, chosen, name, row, shown) for name in wanted)
    tokens = tuple(map(token_label, trace.sequence.tokens[row]))
    # A row that is shorter than the others ends with its own last step.
    is_part = trace.whole > trace.start + trace.sequence.n_steps
    whole = trace.whole if is_part else trace.start + len(tokens)
    place = (trace.start, whole, chosen.direction)
    return Panels(drawn, tokens, chosen.cell_name, trace.is_trained, *place)


def signal_names(trace: Trace, layer: int = 0) -> tuple[str, ...]:
    """Signals that can be drawn of a layer: the inputs, the layer's, the readout's."""
    return (INPUTS.name, *_layer_signal_names(trace, trace.layers[layer]))


def _layer_signal_names(trace: Trace, layer: LayerTrace) -> tuple[str, ...]:
    own = tuple(layer.signals)
    top = layer.level == trace.layers[-1].level
    return (*own, trace.output_signal) if trace.output_names and top else own


def _units(
    layer: LayerTrace, row: int, length: int, order: str, units: Iterable[int] | None
) -> tuple[int, ...]:
    whole = "hidden" if layer.cell.hidden_axis == "unit" else layer.cell.states[-1]
    return only_units(order_units(layer.signals[whole][:length, row].T, order), units)


def _panel(trace: Trace, layer: LayerTrace, name: str, row: int, units: tuple[int, ...]) -> Panel:
    length = trace.sequence.lengths[row]
    if name in _READ_OUT and name == trace.output_signal and trace.output_names:
        return _apart(_READ_OUT[name], trace[name][:length, row].T, trace.output_names)
    if name == INPUTS.name:
        return _apart(INPUTS, trace.sequence.values[:length, row].T, trace.sequence.features)
    if name not in layer.signals:
        check_signal(name, _layer_signal_names(trace, layer))
    signal = layer.cell.signal(name)
    if signal.axis != "unit":
        values = layer.signals[name][:length, row].T
        return _apart(signal, values, tuple(map(str, range(len(values)))))
    values = layer.signals[name][:length, row][:, list(units)].T
    return Panel(signal, values, tuple(map(str, units)), *colour_range(signal, layer.signals[name]))


def _apart(signal: Signal, values: Array, labels: tuple[str, ...]) -> Panel:
    return Panel(signal, values, tuple(map(token_label, labels)), *colour_range(signal, values))


def colour_range(signal: Signal, values: Array) -> tuple[float, float]:
    """Ends of the colour scale of a signal with these values.

    Gates keep 0…1. Signed signals are centred on zero and reach their largest value or 1.

    Probabilities, and states and inputs that are never negative, begin at 0.
    """
    if signal.kind == "gate":
        return signal.low, signal.high
    largest = float(np.nanmax(np.abs(values)))
    is_positive = signal.low == 0 or (signal == INPUTS and values.min() >= 0)
    if is_positive and largest > 0:
        return 0.0, largest
    limit = largest if not np.isfinite(signal.high) or largest > signal.high else signal.high
    return (-limit, limit) if limit > 0 else (-1.0, 1.0)
