"""Place at which two runs part, and their difference at every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.doctor.findings import ModelPlace
from rnnviz.engine.trace import LayerTrace, Trace

# Of a signal's size, or of 1: below it two runs of the same numbers may differ by their order.
_APART = 1e-9


@dataclass(frozen=True)
class Parting:
    """The first number that differs: of the lowest layer, at the step it reads first.

    layer   its number in the first model; -1 for the embedding or the readout, as `place` says.
    signal  the first gate or state of the step, in the order of computing, that differs.
    step    the token's number, counted from 0, of this row of the batch.
    unit    the one that differs most there; `one` and `other` are its numbers in the two models.
    """

    layer: int
    place: ModelPlace
    signal: Signal
    step: int
    row: int
    unit: int
    token: str
    one: float
    other: float

    @property
    def difference(self) -> float:
        """The other minus the one."""
        return self.other - self.one


def first_parting(one: Trace, other: Trace, places: Sequence[ModelPlace]) -> Parting | None:
    """The first number that differs between two runs over one sequence; None where none does.

    places  of the layers.
    """
    for number, (layer, like) in enumerate(zip(one.layers, other.layers, strict=True)):
        found = _in_layer(one, number, places[number], layer, like)
        if found is not None:
            return found
    return None


def _in_layer(
    trace: Trace, number: int, place: ModelPlace, layer: LayerTrace, like: LayerTrace
) -> Parting | None:
    shared = [signal for signal in layer.cell.signals if signal.name in like.signals]
    apart = {s.name: _is_apart(layer.signals[s.name], like.signals[s.name]) for s in shared}
    any_apart = np.any([array.any(axis=2) for array in apart.values()], axis=0)
    if not any_apart.any():
        return None
    step, row = _first_read(any_apart, trace, layer.direction == "backward")
    signal = next(s for s in shared if apart[s.name][step, row].any())
    numbers = [each.signals[signal.name][step, row] for each in (layer, like)]
    unit = int(np.nanargmax(np.abs(numbers[1] - numbers[0])))
    token = trace.sequence.tokens[row][step]
    values = (float(numbers[0][unit]), float(numbers[1][unit]))
    return Parting(number, place, signal, step, row, unit, token, *values)


def _is_apart(one: Array, other: Array) -> Array:
    size = max(1.0, float(np.nanmax(np.abs(one), initial=0.0)))
    with np.errstate(invalid="ignore"):
        apart: Array = np.abs(other - one) > _APART * size
    return apart


def _first_read(is_apart: Array, trace: Trace, is_backward: bool) -> tuple[int, int]:
    """Step and row (time, batch) at which a layer reads the first number that differs."""
    lengths = np.asarray(trace.sequence.lengths)
    time = np.arange(len(is_apart))[:, None]
    order = np.where(is_backward, lengths - 1 - time, time)
    order = np.where(is_apart, order, len(is_apart))
    step, row = np.unravel_index(int(order.argmin()), order.shape)
    return int(step), int(row)


def deltas(one: Trace, other: Trace) -> dict[tuple[int, str], Array]:
    """Largest |Δ| (time,) of every signal that both have, by the layer's number and its name."""
    found = {}
    for number, (layer, like) in enumerate(zip(one.layers, other.layers, strict=True)):
        for name in (name for name in layer.signals if name in like.signals):
            gap = np.abs(like.signals[name] - layer.signals[name])
            found[number, name] = np.nan_to_num(gap).max(axis=(1, 2))
    return found


def largest_delta(one: Trace, other: Trace) -> float:
    """Largest |Δ| of all signals of two runs."""
    return max(
        (float(array.max(initial=0.0)) for array in deltas(one, other).values()), default=0.0
    )
