"""Hidden states of every layer, of a trace or of a window of a recording."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.analysis.window import farthest_from_mean
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.network.layer import Direction
from rnnviz.recordings.recording import Recording


@dataclass(frozen=True, eq=False)
class LayerStates:
    """Hidden states of one layer.

    values  (unit, time), or of many steps (row, column).
    """

    level: int
    direction: Direction
    values: Array


def layer_states(trace: Trace, row: int = 0) -> tuple[LayerStates, ...]:
    """Hidden states of a trace's layers for one batch row, padding left out."""
    length = trace.sequence.lengths[row]
    return tuple(
        LayerStates(layer.level, layer.direction, layer.signals["hidden"][:length, row].T)
        for layer in trace.layers
    )


def recorded_layer_states(
    recording: Recording, start: int, stop: int, *, columns: int = 512, rows: int = 64
) -> tuple[LayerStates, ...]:
    """Hidden states of a recording's layers; a column has its value farthest from the mean."""
    return tuple(
        LayerStates(
            layer.level,
            layer.direction,
            farthest_from_mean(recording.downsample(i, "hidden", start, stop, columns, rows)),
        )
        for i, layer in enumerate(recording.layers)
    )
