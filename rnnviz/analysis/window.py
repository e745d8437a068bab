"""Panels of a window of a recording: min, mean and max of every column of steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from rnnviz.analysis.colour_range import colour_range
from rnnviz.analysis.cursor import check_index, check_signal
from rnnviz.analysis.panels import INPUTS, OUTPUTS, PROBABILITIES, Panel
from rnnviz.analysis.signal_order import main_signals, ordered_signals
from rnnviz.analysis.unit_order import shown_units
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.recordings.recording import Downsampled, Recording

Aggregation = Literal["farthest", "mean", "least", "most"]
AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)


@dataclass(frozen=True, eq=False)
class WindowPanel:
    """One signal of one layer over a window of a recording.

    downsampled  min, mean and max (row, column).
    units  a label for every row: a unit, or a group's: "0–7", "5, 1, 3", "5, 1, 3, …".
    low    where the colour scale begins, the same for every window of the recording.
    high   where it ends.
    n_rows rows that the signal has.
    """

    signal: Signal
    downsampled: Downsampled
    units: tuple[str, ...]
    low: float
    high: float
    n_rows: int


@dataclass(frozen=True, eq=False)
class RecordingWindow:
    """Panels of a window of a recording.

    start, stop  the steps shown (from 0), up to `stop`: the window, widened to whole columns.
    step         steps of a column; the last one may be shorter.
    n_steps      of the whole recording.
    tokens       a visible label for every column where a column is a step; empty otherwise.
    """

    panels: tuple[WindowPanel, ...]
    start: int
    stop: int
    step: int
    n_steps: int
    tokens: tuple[str, ...]
    cell: str
    is_trained: bool

    @property
    def n_columns(self) -> int:
        """Columns of every panel."""
        return -(-(self.stop - self.start) // self.step)


def recorded_signal_names(recording: Recording, layer: int = 0) -> tuple[str, ...]:
    """Signals that can be drawn of a layer, in their order: inputs, answer, the layer's own."""
    return (*_around(recording), *ordered_signals(recording.layers[layer].cell))


def main_recorded_signals(recording: Recording, layer: int = 0) -> tuple[str, ...]:
    """Signals that are shown first: inputs that are numbers, answer, memory, gates."""
    return (*_around(recording), *main_signals(recording.layers[layer].cell))


def _around(recording: Recording) -> tuple[str, ...]:
    """Inputs that are numbers, and the network's answer."""
    inputs = ("inputs",) * (recording.metadata.encoding == "values")
    return (*inputs, *((recording.output_signal,) if recording.metadata.output_names else ()))


def recording_window(
    recording: Recording,
    start: int = 0,
    stop: int | None = None,
    *,
    signals: Iterable[str] | None = None,
    layer: int = 0,
    columns: int = 512,
    rows: int = 64,
    order: str = "index",
    units: Iterable[int] | None = None,
) -> RecordingWindow:
    """The signals of one layer from `start` up to `stop`, by default all of both.

    columns  at most so many: each then stands for 1, 2, 4, … steps.
    rows     at most so many: beyond, neighbouring units stand together.
    order    as in `order_units`: how units stand, over the whole recording.
    units    only these; by default all.

    Raises InputError for a layer, unit, signal or window that the recording does not have.
    """
    check_index("layer", layer, len(recording.layers))
    stop = recording.n_steps if stop is None else stop
    every = recorded_signal_names(recording, layer)
    wanted = tuple(n for n in every if n != "inputs") if signals is None else tuple(signals)
    _check_signals(recording, layer, wanted)
    drawn_units, window = _units(recording, layer, order, units), (start, stop, columns, rows)
    drawn = tuple(_panel(recording, layer, name, window, drawn_units) for name in wanted)
    first = drawn[0].downsampled
    is_single = first.step == 1
    tokens = recording.tokens(first.start, first.stop) if is_single else ()
    return RecordingWindow(
        drawn,
        first.start,
        first.stop,
        first.step,
        recording.n_steps,
        tuple(map(token_label, tokens)),
        recording.layers[layer].cell_name,
        recording.is_trained,
    )


def aggregated(panel: WindowPanel, how: str = "farthest") -> Panel:
    """One number for every place, as an ordinary panel (row, column).

    how  "farthest": of min and max the one farther from the row's mean over the whole recording, so
         that one step that stands out is seen at every zoom; "least" is min and "most" max.

    Raises InputError for another.
    """
    if how not in AGGREGATIONS:
        raise InputError(
            'A column of steps is shown by {allowed}, but "{came}" came.',
            allowed=", ".join(AGGREGATIONS),
            came=how,
        )
    fold = panel.downsampled
    columns = {"mean": fold.mean, "least": fold.min, "most": fold.max}
    values = farthest_from_mean(fold) if how == "farthest" else columns[how]
    return Panel(panel.signal, values, panel.units, panel.low, panel.high, panel.n_rows)


def farthest_from_mean(fold: Downsampled) -> Array:
    """Min or max of every place, the one farther from the row's mean, (row, column)."""
    mean = fold.overall_mean[:, None]
    return np.where(fold.max - mean >= mean - fold.min, fold.max, fold.min)


def _check_signals(recording: Recording, layer: int, wanted: tuple[str, ...]) -> None:
    for name in wanted:
        check_signal(name, recorded_signal_names(recording, layer))


def _units(
    recording: Recording, layer: int, order: str, units: Iterable[int] | None
) -> tuple[int, ...] | None:
    """Units in drawing order; None for all as they are stored."""
    if order == "index" and units is None:
        return None
    recorded = recording.layers[layer]
    kind = recorded.cell
    name = "hidden" if kind.hidden_axis == "unit" else kind.states[-1]
    fold = recording.downsample(layer, name, 0, recording.n_steps, 512, recorded.widths[name])
    return shown_units(farthest_from_mean(fold), order, units)


def _panel(
    recording: Recording,
    layer: int,
    name: str,
    window: tuple[int, int, int, int],
    units: tuple[int, ...] | None,
) -> WindowPanel:
    signal = _signal(recording, layer, name)
    low, _, high = recording.unit_statistics(layer, name)
    scale = colour_range(signal, np.stack([low, high]))
    if signal == INPUTS and low.min() >= 0 and high.max() > 0:
        scale = 0.0, scale[1]
    if signal.name in ("inputs", "probabilities", "outputs") or signal.axis != "unit":
        units = None
    fold = recording.downsample(layer, name, *window, units)
    labels = _labels(recording, name, len(low), units)
    return WindowPanel(signal, fold, _grouped(labels, window[3]), *scale, n_rows=len(low))


def _signal(recording: Recording, layer: int, name: str) -> Signal:
    apart = {signal.name: signal for signal in (INPUTS, PROBABILITIES, OUTPUTS)}
    return apart.get(name) or recording.layers[layer].cell.signal(name)


def _labels(
    recording: Recording, name: str, width: int, units: tuple[int, ...] | None
) -> tuple[str, ...]:
    if name == "inputs":
        return tuple(map(token_label, recording.metadata.features))
    if name in ("probabilities", "outputs"):
        return tuple(map(token_label, recording.metadata.output_names))
    return tuple(map(str, range(width) if units is None else units))


def _grouped(labels: tuple[str, ...], rows: int) -> tuple[str, ...]:
    size = -(-len(labels) // rows)
    return tuple(_group(labels[start : start + size]) for start in range(0, len(labels), size))


def _group(labels: tuple[str, ...]) -> str:
    """Numbers that follow each other by the first and the last, others by the first few."""
    if len(labels) == 1:
        return labels[0]
    numbers = [int(label) if label.isdecimal() else -1 for label in labels]
    if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"{labels[0]}–{labels[-1]}"
    return ", ".join((*labels[:3], *["…"] * (len(labels) > 3)))
