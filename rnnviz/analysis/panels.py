"""Panels of a trace: one small array a signal, in drawing order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Literal

from rnnviz.analysis.colour_range import colour_range
from rnnviz.analysis.cursor import check_signal, held_numbers, layer_trace
from rnnviz.analysis.signal_order import main_signals, ordered_signals
from rnnviz.analysis.unit_order import shown_units
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.formatting import token_label
from rnnviz.network.layer import Direction

INPUTS = Signal("inputs", "x", "state", -inf, inf)
PROBABILITIES = Signal("probabilities", "y", "probability", 0, 1)
OUTPUTS = Signal("outputs", "y", "output", -inf, inf)
_READ_OUT = {signal.name: signal for signal in (PROBABILITIES, OUTPUTS)}

Form = Literal["heatmap", "strips", "curves"]
# More numbers than these are a heatmap: so many strips or curves cannot be told apart.
_MOST_STRIPS, _MOST_CURVES = 8, 6


@dataclass(frozen=True, eq=False)
class Panel:
    """One signal of one layer for one batch row.

    values   (unit, time) in drawing order, padding left out.
    units    a label for every line: unit numbers, or the names of a readout's outputs.
    low      where the colour scale begins; numbers beyond it have the colour of its end.
    high     where it ends; scales of signed signals are centred on zero.
    n_rows   rows that the signal has, where not all are here; by default these.
    form     "heatmap"; "strips": each row a thin line on its own scale; "curves" on one scale.
    targets  the right answers, NaN where there is none: (time,) the row of the right output, or
             (row, time) the right numbers.
    held     (unit, time), True where an intervention set the number.
    """

    signal: Signal
    values: Array
    units: tuple[str, ...]
    low: float
    high: float
    n_rows: int = 0
    form: Form = "heatmap"
    targets: Array | None = None
    held: Array | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_rows", self.n_rows or len(self.units))

    @property
    def axis(self) -> str:
        """Axis of the rows: "unit" of the layer, "input" or "output" of the network."""
        apart = {INPUTS.name: "input", **dict.fromkeys(_READ_OUT, "output")}
        return apart.get(self.signal.name, self.signal.axis)

    @property
    def has_own_axis(self) -> bool:
        """True where the rows are not the layer's units."""
        return self.axis != "unit"

    @property
    def is_cut(self) -> Array:
        """Mask (unit, time), True where a number lies beyond the ends of the colour scale."""
        slack = 1e-6 * (self.high - self.low)
        return (self.values > self.high + slack) | (self.values < self.low - slack)


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
    targets: Array | None = None,
) -> Panels:
    """The signals of one layer for one batch row; by default all, and the network's answer.

    order    "index", "activity", "similarity" or "telling": how units stand (`order_units`).
    units    only these; by default all.
    targets  the right answers, as in `Panel`.

    Raises InputError for a layer, row, unit or signal that the trace does not have.
    """
    chosen = layer_trace(trace, layer, row=row)
    shown = _units(chosen, row, trace.sequence.lengths[row], order, units)
    wanted = signal_names(trace, layer)[1:] if signals is None else tuple(signals)
    drawn = tuple(_panel(trace, layer, name, row, shown, targets) for name in wanted)
    tokens = tuple(map(token_label, trace.sequence.tokens[row]))
    # A row that is shorter than the others ends with its own last step.
    is_part = trace.whole > trace.start + trace.sequence.n_steps
    whole = trace.whole if is_part else trace.start + len(tokens)
    place = (trace.start, whole, chosen.direction)
    return Panels(drawn, tokens, chosen.cell_name, trace.is_trained, *place)


def signal_names(trace: Trace, layer: int = 0) -> tuple[str, ...]:
    """Signals that can be drawn of a layer, in their order: inputs, answer, the layer's own."""
    cell = trace.layers[layer].cell
    return (INPUTS.name, *_answer(trace), *ordered_signals(cell))


def main_signal_names(trace: Trace, layer: int = 0) -> tuple[str, ...]:
    """Signals that are shown first: inputs that are numbers, answer, memory, gates."""
    inputs = (INPUTS.name,) if trace.sequence.encoding == "values" else ()
    return (*inputs, *_answer(trace), *main_signals(trace.layers[layer].cell))


def _answer(trace: Trace) -> tuple[str, ...]:
    return (trace.output_signal,) if trace.output_names else ()


def _units(
    layer: LayerTrace, row: int, length: int, order: str, units: Iterable[int] | None
) -> tuple[int, ...]:
    whole = "hidden" if layer.cell.hidden_axis == "unit" else layer.cell.states[-1]
    return shown_units(layer.signals[whole][:length, row].T, order, units)


def _panel(
    trace: Trace, layer: int, name: str, row: int, units: tuple[int, ...], targets: Array | None
) -> Panel:
    traced, length = trace.layers[layer], trace.sequence.lengths[row]
    if name in _READ_OUT and name == trace.output_signal and trace.output_names:
        return _answer_panel(trace, row, targets)
    if name == INPUTS.name:
        return _inputs_panel(trace, row)
    if name not in traced.signals:
        check_signal(name, signal_names(trace, layer)[1:])
    signal, values = traced.cell.signal(name), traced.signals[name]
    rows = units if signal.axis == "unit" else tuple(range(values.shape[2]))
    held = held_numbers(trace, name, layer=layer, row=row)[:, list(rows)].T
    return Panel(
        signal,
        values[:length, row][:, list(rows)].T,
        tuple(map(str, rows)),
        *colour_range(signal, values),
        n_rows=values.shape[2],
        held=held if held.any() else None,
    )


def _answer_panel(trace: Trace, row: int, targets: Array | None) -> Panel:
    signal, length = _READ_OUT[trace.output_signal], trace.sequence.lengths[row]
    values = trace[signal.name][:length, row]
    is_curves = signal == OUTPUTS and values.shape[1] <= _MOST_CURVES
    form: Form = "curves" if is_curves else "heatmap"
    names = tuple(map(token_label, trace.output_names))
    limits = colour_range(signal, values)
    return Panel(signal, values.T, names, *limits, form=form, targets=targets)


def _inputs_panel(trace: Trace, row: int) -> Panel:
    sequence = trace.sequence
    values = sequence.values[: sequence.lengths[row], row]
    is_strips = sequence.encoding == "values" and sequence.n_features <= _MOST_STRIPS
    names = tuple(map(token_label, sequence.features))
    limits = (0.0, 1.0) if sequence.encoding == "one_hot" else colour_range(INPUTS, values)
    if sequence.encoding != "one_hot" and values.min() >= 0 and values.max() > 0:
        limits = 0.0, limits[1]
    return Panel(INPUTS, values.T, names, *limits, form="strips" if is_strips else "heatmap")
