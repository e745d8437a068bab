"""A part of a trace: one batch row, and a span of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.errors import InputError
from rnnviz.interventions.types import ChangeWeight, Clamp, Intervention, Silence
from rnnviz.network.model import Model


def trace_part(trace: Trace, row: int = 0, start: int = 0, stop: int | None = None) -> Trace:
    """The trace of one row, its padding left out, from step `start` up to `stop`.

    Raises InputError for a row that the trace does not have and for steps outside the row.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5], [0.1], [0.3]])
    >>> part = trace_part(trace, start=1)
    >>> part.sequence.tokens, part.start, part.whole
    ((('2', '3'),), 1, 3)
    """
    check_index("row", row, trace.sequence.n_rows)
    length = trace.sequence.lengths[row]
    steps = _checked(start, length if stop is None else stop, length)
    rows = slice(row, row + 1)
    is_part = trace.whole > trace.start + trace.sequence.n_steps
    return replace(
        trace,
        sequence=_sequence(trace.sequence, row, steps),
        layers=tuple(_layer(one, row, steps, length) for one in trace.layers),
        outputs=trace.outputs[steps, rows],
        start=trace.start + steps.start,
        whole=trace.whole if is_part else trace.start + length,
        interventions=tuple(_interventions(trace, row, steps)),
        model=_started_model(trace, row, steps, length),
    )


def _checked(start: int, stop: int, length: int) -> slice:
    is_whole = is_whole_number(start) and is_whole_number(stop)
    if not is_whole or not 0 <= start < stop <= length:
        raise InputError(
            "A window is of steps from 0 up to {n_steps}, but {start} up to {stop} came.",
            n_steps=length,
            start=shown(start),
            stop=shown(stop),
        )
    return slice(int(start), int(stop))


def _started_model(trace: Trace, row: int, steps: slice, length: int) -> Model | None:
    """The trace's model from the states in which a row's span of steps begins."""
    model = trace.model
    if model is None:
        return None
    layers = zip(model.layers, trace.layers, strict=True)
    started = (
        replace(one, initial={n: a[0] for n, a in _initial(traced, row, steps, length).items()})
        for one, traced in layers
    )
    return replace(model, layers=tuple(started))


def _sequence(whole: Sequence, row: int, steps: slice) -> Sequence:
    return replace(
        whole,
        values=whole.values[steps, row : row + 1],
        tokens=(whole.tokens[row][steps],),
        lengths=(),
    )


def _layer(layer: LayerTrace, row: int, steps: slice, length: int) -> LayerTrace:
    rows = slice(row, row + 1)
    signals = _cut(layer.signals, steps, rows)
    last = -1 if layer.direction == "forward" else 0
    return replace(
        layer,
        signals=signals,
        initial=_initial(layer, row, steps, length),
        final={name: signals[name][last] for name in layer.final},
        preactivations=_cut(layer.preactivations, steps, rows),
        started=_cut(layer.started, steps, rows),
    )


def _cut(arrays: Mapping[str, Array], steps: slice, rows: slice) -> dict[str, Array]:
    return {name: array[steps, rows] for name, array in arrays.items()}


def _initial(layer: LayerTrace, row: int, steps: slice, length: int) -> dict[str, Array]:
    """States (1, unit) that the step left which the layer reads before these."""
    is_forward = layer.direction == "forward"
    if steps.start == 0 if is_forward else steps.stop == length:
        return {name: array[row : row + 1] for name, array in layer.initial.items()}
    left = steps.start - 1 if is_forward else steps.stop
    return {name: layer.signals[name][left, row : row + 1] for name in layer.initial}


def _interventions(trace: Trace, row: int, steps: slice) -> Iterator[Intervention]:
    """What acts on the row in these steps, which count from the first of them."""
    for one in trace.interventions:
        # Weights are changed for all rows.
        if getattr(one, "row", None) in (None, row) and (placed := _placed(one, steps)):
            yield placed


def _placed(one: Intervention, steps: slice) -> Intervention | None:
    """The intervention of one row in steps that count from the first of these; None outside."""
    if isinstance(one, ChangeWeight):
        return one
    count = steps.stop - steps.start
    if isinstance(one, Clamp | Silence):
        first, end = (one.start or 0) - steps.start, one.stop and one.stop - steps.start
        if first >= count or (end is not None and end <= 0):
            return None
        last = None if end is None or end >= count else end
        return replace(one, start=max(first, 0) or None, stop=last, row=None)
    step = one.step - steps.start
    return replace(one, step=step, row=None) if 0 <= step < count else None
