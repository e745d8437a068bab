"""Health of a trace in numbers: saturation, dead units, time scales, growth, the first NaN."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np

from rnnviz.analysis.gradient_reach import gradient_reach
from rnnviz.analysis.memory import growth, kept_memory, memory_sizes, real_numbers, timescales
from rnnviz.analysis.saturation import CLOSED, OPEN
from rnnviz.analysis.unit_steps import memory_state
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.engine.gradients import Gradients
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.engine.wanted import check_trace
from rnnviz.errors import InputError

DEAD = 1e-3
"""A unit whose hidden number never leaves 0 by more is dead."""
SATURATED, MOSTLY = 0.9, 0.9
"""A unit is saturated that is beyond ±SATURATED at MOSTLY of its steps or more."""
QUANTILES = (10, 50, 90)
_Numbers = Iterator[tuple[str, float]]


def health(trace: Trace, *, gradients: Gradients | None = None) -> dict[str, float]:
    """Health of every layer in numbers, by names `level.direction.what`: "0.forward.hidden.dead".

    GATE.closed, GATE.open   share of a gate's numbers below 0.1, and above 0.9.
    hidden.dead              share of units whose hidden number stays within ±0.001.
    candidate.saturated      share of units whose tanh is beyond ±0.9 at nine steps in ten or more;
                             of the simple RNN `hidden.saturated`.
    timescale.q10 .q50 .q90  quantiles of the units' time scales in steps, τ = −1 / ln f, where f is
                             the forget gate, the update gate of a GRU, f n_{t-1} / n_t of sLSTM.
    cell.forgotten           share of the memory's numbers of which a step keeps less than 0.1.
    cell.kept                balance: 1 where memory is only kept, 0 where it is only written.
    cell.growth              norm of the memory at the end over that in the middle of a sequence.
    cell.largest             largest number of the memory, its sign left out.
    gradient.reach           steps back at which the gradient has 1/e of its norm at the last.
    gradient.growth          its norm at the first step over that at the last.
    first_nan.SIGNAL.step    place, from 0, of the first NaN or infinity; `.row` and `.unit` too.

    `cell` is `hidden` where that is the memory. What a cell or a sequence does not have is left
    out: a simple RNN has no time scale, four steps are the fewest that tell of growth, and only a
    broken trace has a first NaN. Padding does not count, and no number is NaN itself.

    gradients  those of a loss on the same sequence, for `gradient.…`, by each layer's hidden state.

    Raises InputError for anything but a trace, and for gradients of another one.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> held = rv.trace(model, [[0.5], [0.1]], intervene=[rv.Clamp("forget", 0.5)])
    >>> numbers = rv.health(held)
    >>> numbers["0.forward.forget.closed"], round(numbers["0.forward.timescale.q50"], 4)
    (0.0, 1.4427)
    """
    _check(trace, gradients)
    return {
        f"{layer.level}.{layer.direction}.{name}": float(value)
        for index, layer in enumerate(trace.layers)
        for name, value in _layer_health(trace, index, gradients)
        if not np.isnan(value)
    }


def _check(trace: Trace, gradients: object) -> None:
    check_trace(trace)
    if gradients is None:
        return
    if not isinstance(gradients, Gradients):
        raise InputError(
            "gradients should come from rv.gradients, on the same model and sequence, but {came}"
            " came.",
            came=shown(type(gradients).__name__),
        )
    theirs = [one.signals["hidden"].shape for one in gradients.layers]
    ours = [one.signals["hidden"].shape for one in trace.layers]
    if ours != theirs:
        raise InputError(
            "These gradients are of hidden states {came}, but the trace has {wanted}; compute them"
            " with rv.gradients from the same model and sequence.",
            came=theirs,
            wanted=ours,
        )


def _layer_health(trace: Trace, index: int, gradients: Gradients | None) -> _Numbers:
    traced, is_real = trace.layers[index], trace.sequence.is_real
    # What is broken is told by its first NaN, not by warnings of every mean.
    with np.errstate(invalid="ignore", over="ignore"):
        yield from _gates(traced, is_real)
        yield from _units(traced, is_real)
        yield from _memory(traced, is_real, trace.sequence.lengths)
    if gradients is not None:
        yield from _gradient(traced, gradients.layers[index].signals["hidden"], trace)
    yield from _first_nan(traced, is_real)


def _gates(traced: LayerTrace, is_real: Array) -> _Numbers:
    for signal in traced.cell.signals:
        if signal.kind == "gate":
            values = real_numbers(traced.signals[signal.name], is_real)
            yield f"{signal.name}.closed", np.count_nonzero(values < CLOSED) / values.size
            yield f"{signal.name}.open", np.count_nonzero(values > OPEN) / values.size


def _units(traced: LayerTrace, is_real: Array) -> _Numbers:
    hidden = real_numbers(traced.signals["hidden"], is_real)
    yield "hidden.dead", (np.abs(hidden).max(axis=0) <= DEAD).mean()
    for gate in traced.cell.gates:
        signal = traced.cell.signal(gate.name)
        # A layer may have chosen an activation without bounds or sign, such as relu.
        if signal.kind == "gate":
            continue
        values = real_numbers(traced.signals[gate.name], is_real)
        sizes = np.abs(values)
        if values.min() < 0 and sizes.max() <= 1:
            is_far = np.count_nonzero(sizes > SATURATED, axis=0) / len(sizes)
            yield f"{gate.name}.saturated", (is_far >= MOSTLY).mean()


def _memory(traced: LayerTrace, is_real: Array, lengths: tuple[int, ...]) -> _Numbers:
    state, found = memory_state(traced.cell), kept_memory(traced, is_real)
    is_backward = traced.direction == "backward"
    grown = growth(memory_sizes(traced), lengths, is_backward=is_backward)
    if found is not None and len(found.shares):
        yield f"{state}.forgotten", np.count_nonzero(found.shares < CLOSED) / found.shares.size
        yield from _quantiles(timescales(found.shares))
    if found is not None and found.balance is not None:
        yield f"{state}.kept", found.balance
    if grown is not None:
        yield f"{state}.growth", grown
    yield f"{state}.largest", np.abs(real_numbers(traced.signals[state], is_real)).max()


def _quantiles(times: Array) -> _Numbers:
    """Between units the number of one that is there: some may be infinite."""
    ordered = np.sort(times)
    # The inverted distribution function: the smallest number that q percent do not exceed.
    yield from ((f"timescale.q{q}", ordered[-(-q * len(times) // 100) - 1]) for q in QUANTILES)


def _gradient(traced: LayerTrace, by_hidden: Array, trace: Trace) -> _Numbers:
    norms, is_backward = np.linalg.norm(by_hidden, axis=2), traced.direction == "backward"
    found = gradient_reach(norms, trace.sequence.lengths, is_backward=is_backward)
    if found is not None:
        yield "gradient.reach", found.steps
        yield "gradient.growth", found.growth


def _first_nan(traced: LayerTrace, is_real: Array) -> _Numbers:
    """The signal that is computed first at the step that is read first."""
    with np.errstate(over="ignore", invalid="ignore"):
        # A sum shows at once what is broken; padding is NaN, too.
        if all(isfinite(values.sum()) for values in traced.signals.values()):
            return
    broken = {
        name: ~np.isfinite(values) & is_real[:, :, None] for name, values in traced.signals.items()
    }
    order = -1 if traced.direction == "backward" else 1
    steps = np.flatnonzero(np.any([where.any(axis=(1, 2)) for where in broken.values()], axis=0))
    if not len(steps):
        return
    step = steps[::order][0]
    name = next(name for name, where in broken.items() if where[step].any())
    row, unit = np.argwhere(broken[name][step])[0]
    yield from ((f"first_nan.{name}.{axis}", at) for axis, at in _place(step, row, unit))


def _place(step: int, row: int, unit: int) -> tuple[tuple[str, int], ...]:
    return (("step", step), ("row", row), ("unit", unit))
