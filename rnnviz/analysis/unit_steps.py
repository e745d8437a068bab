"""One unit's memory at every step: what was there, the share that was kept, what was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add, mul
from typing import Any

import numpy as np

from rnnviz.analysis.cursor import check_index, held_numbers, layer_trace
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.core.diagram import Summand
from rnnviz.engine.trace import LayerTrace, Trace


@dataclass(frozen=True)
class UnitStep:
    """One unit at one step: `after = kept · before + written`, unless it is silenced.

    step     counted from 0 in the trace.
    state    the memory's name: "cell" of an LSTM, "hidden" of a GRU or a simple RNN.
    kept     what the old state is multiplied by; None where the state is no such sum (simple RNN).
    written  what is added, None likewise.
    held     gates that an intervention clamps here, and "hidden" where it silences the unit.
    is_set   True when an intervention changed the old state just before the step.
    """

    step: int
    unit: int
    state: str
    before: float
    after: float
    kept: float | None
    written: float | None
    held: tuple[str, ...] = ()
    is_set: bool = False

    @property
    def is_silenced(self) -> bool:
        """True when the memory itself is held at 0."""
        return self.state in self.held


def memory_state(cell: Cell) -> str:
    """The state of a cell that is kept in part from step to step; its hidden state by default.

    >>> from rnnviz.cells import CELLS
    >>> [memory_state(CELLS[name]) for name in ("rnn", "lstm", "gru", "slstm")]
    ['hidden', 'cell', 'hidden', 'cell']
    """
    return next((state for state in cell.states if _summands(cell, state)), "hidden")


def unit_steps(trace: Trace, units: Array, *, layer: int = 0, row: int = 0) -> tuple[UnitStep, ...]:
    """A unit a step of one batch row, `units` (time,) in the order of the tokens.

    Raises InputError for a layer, row or unit that the trace does not have.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=3), [[0.5], [0.1]])
    >>> first, second = unit_steps(trace, np.array([2, 2]))
    >>> second.before == first.after
    True
    """
    traced = layer_trace(trace, layer, row=row)
    for unit in (units.min(), units.max()):
        layer_trace(trace, layer, row=row, unit=int(unit))
    check_index("time", len(units) - 1, trace.sequence.lengths[row])
    return tuple(_unit_steps(trace, traced, layer, row, units))


def changed_most(trace: Trace, *, layer: int = 0, row: int = 0) -> Array:
    """The unit at every step (time,) whose hidden number, or projected memory, changed most.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=3), [[0.5]])
    >>> bool(changed_most(trace)[0] == abs(trace["hidden"][0, 0]).argmax())
    True
    """
    before, after = before_and_after(trace, layer=layer, row=row)
    largest: Array = np.abs(after - before).argmax(axis=1)
    return largest


def before_and_after(trace: Trace, *, layer: int = 0, row: int = 0) -> tuple[Array, Array]:
    """Hidden numbers, or projected memories, before and after every step (time, unit) each."""
    traced = layer_trace(trace, layer, row=row)
    has_units = traced.cell.hidden_axis == "unit"
    state = "hidden" if has_units else memory_state(traced.cell)
    length = trace.sequence.lengths[row]
    return traced.state_before(state)[:length, row], traced.signals[state][:length, row]


def _unit_steps(
    trace: Trace, traced: LayerTrace, layer: int, row: int, units: Array
) -> Iterator[UnitStep]:
    state = memory_state(traced.cell)
    steps = np.arange(len(units))
    at = steps, row, units
    kept, written = kept_and_written(traced, state, at)
    before, after = traced.state_before(state)[at], traced.signals[state][at]
    is_set = before != replace(traced, started={}).state_before(state)[at]
    held = _held(trace, traced.cell, layer, row)
    for step, unit in enumerate(map(int, units)):
        yield UnitStep(
            step,
            unit,
            state,
            float(before[step]),
            float(after[step]),
            None if kept is None else float(kept[step]),
            None if written is None else float(written[step]),
            tuple(name for name, mask in held.items() if mask[step, unit]),
            bool(is_set[step]),
        )


def _held(trace: Trace, cell: Cell, layer: int, row: int) -> Mapping[str, Array]:
    """Masks of the numbers that interventions hold, (time, unit), by name."""
    if not trace.interventions:
        return {}
    names = (*(gate.name for gate in cell.gates), "hidden")
    return {name: held_numbers(trace, name, layer=layer, row=row) for name in names}


def kept_and_written(traced: LayerTrace, state: str, at: Any) -> tuple[Array | None, Array | None]:
    """The old state's factor and the sum of the others; None where the state is no such sum.

    at  index of the numbers wanted, into signals (time, batch, unit).

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5]])
    >>> kept, _ = kept_and_written(trace.layers[0], "hidden", ...)
    >>> bool((kept == trace["update"]).all())
    True
    """
    summands = _summands(traced.cell, state)
    if not summands:
        return None, None
    old = f"before:{state}"
    kept = [_product([_factor(traced, f, at) for f in one.factors if f != old]) for one in summands]
    products = list(zip(summands, kept, strict=True))
    shares = [product for one, product in products if old in one.factors]
    others = [product for one, product in products if old not in one.factors]
    added = reduce(add, others)
    # Where no gate keeps, the share is the number 1.
    return np.broadcast_to(reduce(add, shares), added.shape), added


def _product(factors: list[Array]) -> Array:
    return reduce(mul, factors) if factors else np.ones(())


def _summands(cell: Cell, state: str) -> tuple[Summand, ...]:
    """Products whose sum is the state, where one of them keeps the state itself."""
    found = cell.updates.get(state, ())
    is_kept = any(f"before:{state}" in one.factors for one in found)
    return found if is_kept else ()


def _factor(traced: LayerTrace, name: str, at: Any) -> Array:
    kind, _, signal = name.rpartition(":")
    whole = traced.state_before(signal) if kind == "before" else traced.signals[signal]
    values: Array = whole[at]
    return 1 - values if kind == "one_minus" else values
