"""Attribution of a state to the steps that wrote it.

O. Levy, K. Lee, N. FitzGerald and L. Zettlemoyer, "Long Short-Term Memory as a Dynamically
Computed Element-wise Weighted Sum", ACL 2018: c_t = Σ_j (Π_{k=j+1..t} f_k) ⊙ i_j ⊙ g_j, and what
is left of the state before the first step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.cursor import layer_trace
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label


@dataclass(frozen=True, eq=False)
class Attribution:
    """One unit's state at every step as a sum over the steps that wrote it.

    signal   the state.
    parts    (time, step): how much of the state after `time` was written at `step`; zero where
             that is still to come. A backward layer's fills the other triangle.
    initial  (time,), what is left of the state before the first step.
    traced   (time,), the state as it was traced.
    tokens   a visible label for every step.
    """

    signal: Signal
    unit: int
    parts: Array
    initial: Array
    traced: Array
    tokens: tuple[str, ...]
    is_trained: bool

    @property
    def residual(self) -> float:
        """The largest difference between the sum and the traced state: rounding alone, unless an
        intervention wrote to the state."""
        return float(np.abs(self.parts.sum(axis=1) + self.initial - self.traced).max())


def attribution(trace: Trace, unit: int, *, layer: int = 0, row: int = 0) -> Attribution:
    """Attribution of one unit's state at every step to the steps that wrote it.

    For every cell whose state is kept by a gate and written to: the LSTMs, the GRUs and the
    minimal cells. Raises InputError for another cell, and for a layer, row or unit that the trace
    does not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> held = rv.trace(model, [[0.5], [0.1], [0.3]], intervene=[rv.Clamp("forget", 0)])
    >>> attribution(held, unit=1).parts[2, :2].tolist()
    [0.0, 0.0]
    """
    traced = layer_trace(trace, layer, row=row, unit=unit)
    state = kept_state(traced)
    # In the order of reading, back again at the end.
    turn = -1 if traced.direction == "backward" else 1
    place = (slice(0, trace.sequence.lengths[row]), row, unit)
    kept, written = (
        update_factor(traced, state, name, place)[::turn] for name in ("kept", "written")
    )
    share = _shares(kept)
    return Attribution(
        traced.cell.signal(state),
        unit,
        (share[:, 1:] * written)[::turn, ::turn],
        (share[:, 0] * float(traced.initial[state][row, unit]))[::turn],
        traced.signals[state][place].astype(float),
        tuple(map(token_label, trace.sequence.tokens[row])),
        trace.is_trained,
    )


def kept_state(traced: LayerTrace) -> str:
    """The state that is a kept share of itself and something written.

    Raises InputError for a cell without such.
    """
    for state, summands in traced.cell.updates.items():
        if {summand.role for summand in summands} == {"kept", "written"}:
            return state
    raise InputError(
        "Who wrote a memory can be told of cells with a gate that keeps it, but {cell} has none;"
        " take an LSTM or a GRU.",
        cell=traced.cell.title,
    )


def update_factor(
    traced: LayerTrace, state: str, role: str, place: tuple[slice, int, int | slice]
) -> Array:
    """Sum of the products of one role, "kept" or "written", the state before left out of them.

    place  (time, row, unit); the result is (time,), or (time, unit) of several units.
    """
    products = [s.factors for s in traced.cell.updates[state] if s.role == role]
    ones = np.ones(traced.signals[state][place].shape)
    total: Array = np.sum([_multiplied(traced, names, place, ones) for names in products], axis=0)
    return total


def _multiplied(
    traced: LayerTrace,
    factors: tuple[str, ...],
    place: tuple[slice, int, int | slice],
    values: Array,
) -> Array:
    for factor in factors:
        kind, _, name = factor.rpartition(":")
        if kind != "before":
            given = traced.signals[name][place].astype(float)
            values = values * (1 - given if kind == "one_minus" else given)
    return values


def _shares(kept: Array) -> Array:
    """(time, 1 + step): the share that is left after `time` of what was there after a step.

    The first column is of what was there before the first step.
    """
    shares = np.zeros((len(kept), len(kept) + 1))
    row = np.zeros(len(kept) + 1)
    row[0] = 1
    for time, gate in enumerate(kept):
        row[: time + 1] *= gate
        row[time + 1] = 1
        shares[time] = row
    return shares


@dataclass(frozen=True, eq=False)
class MemoryFlow:
    """One unit's state from step to step, in the order of the sequence: what is kept and added.

    signal   the state.
    kept     (time,), the share of the state before that a step keeps.
    written  (time,), what the step writes.
    by_hand  (time,), what an intervention adds to or takes from it; exactly 0 without one.
    initial  the state before the first step that is read.

    `state = kept · before + written + by_hand`, where `before` is what the step read before left.
    """

    signal: Signal
    kept: Array
    written: Array
    by_hand: Array
    initial: float


def memory_flow(trace: Trace, unit: int, *, layer: int = 0, row: int = 0) -> MemoryFlow:
    """Flow of one unit's state through every step.

    Raises what `attribution` raises.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> changed = rv.trace(model, [[0.5], [0.1]], intervene=[rv.SetState("cell", 2.0, 1)])
    >>> flow = memory_flow(changed, unit=1)
    >>> before = changed["cell"][0, 0, 1]
    >>> bool(abs(flow.kept[1] * (2 - before) - flow.by_hand[1]) < 1e-6), flow.by_hand.tolist()[0]
    (True, 0.0)
    """
    traced = layer_trace(trace, layer, row=row, unit=unit)
    state = kept_state(traced)
    turn = -1 if traced.direction == "backward" else 1
    place = (slice(0, trace.sequence.lengths[row]), row, unit)
    kept, written = (update_factor(traced, state, name, place) for name in ("kept", "written"))
    values = traced.signals[state][place].astype(float)
    initial = float(traced.initial[state][row, unit])
    before = np.concatenate(([initial], values[::turn][:-1]))[::turn]
    by_hand = values - kept * before - written
    # Without an intervention what is left over is rounding.
    exact = np.abs(by_hand) < 1e-4 * np.maximum(1, np.abs(values))
    by_hand = np.where(exact if trace.interventions else True, 0.0, by_hand)
    return MemoryFlow(traced.cell.signal(state), kept, written, by_hand, initial)
