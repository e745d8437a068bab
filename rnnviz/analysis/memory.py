"""Memory of a layer over all steps: its time scales, what was kept of it, how it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.unit_steps import kept_and_written, memory_state
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.engine.trace import LayerTrace

MIN_GROWTH_STEPS = 4
"""Steps of a row below which nothing is told about growth."""


@dataclass(frozen=True, eq=False)
class KeptMemory:
    """What was kept of a memory, and how that stands to what was written.

    shares   of the memory that each step keeps, (number, unit), as in `kept_memory`.
    balance  of kept and written: mean of |kept| / (|kept| + |written|) over all numbers. 1 where
             memory is only kept, 0 where it is only written; None where nothing is either.
    """

    shares: Array
    balance: float | None


def kept_memory(traced: LayerTrace, is_real: Array) -> KeptMemory | None:
    """What real steps keep of the memory; None for a cell that keeps none.

    The shares are those of the forget gate of an LSTM, the update gate of a GRU, 1 − f where a gate
    writes. Where the memory is read divided by a normaliser n, as in sLSTM, f n_{t-1} / n_t: the
    share of the old c / n in the new one, which does not depend on how both are scaled; steps at
    which n was 0, so that nothing was there to keep, are left out.

    is_real  (time, batch), False at padding.
    """
    state = memory_state(traced.cell)
    found, added = kept_and_written(traced, state, ...)
    if found is None or added is None:
        return None
    share, written = real_numbers(found, is_real), real_numbers(added, is_real)
    old = real_numbers(traced.state_before(state), is_real)
    balance = _balance(np.abs(share * old), np.abs(written))
    if normaliser := normaliser_of(traced.cell, state):
        divided_by = real_numbers(traced.state_before(normaliser), is_real)
        was_there = (divided_by > 0).all(axis=1)
        share = share * divided_by / real_numbers(traced.signals[normaliser], is_real)
        share = share[was_there]
    return KeptMemory(share, balance)


def _balance(kept: Array, written: Array) -> float | None:
    whole = kept + written
    is_any = whole > 0
    if is_any.all():
        return float((kept / whole).mean())
    return float((kept[is_any] / whole[is_any]).mean()) if is_any.any() else None


def real_numbers(values: Array, is_real: Array) -> Array:
    """Numbers (number, unit) of the real steps of a signal (time, batch, unit).

    is_real  (time, batch), False at padding.

    >>> is_real = np.array([[True, True], [True, False], [True, False]])
    >>> real_numbers(np.zeros((3, 2, 4)), is_real).shape
    (4, 4)
    """
    return values.reshape(-1, values.shape[2]) if is_real.all() else values[is_real]


def timescales(kept: Array) -> Array:
    """Time scale of every unit's memory in steps, (unit,): τ = −1 / mean ln f.

    After τ steps like these 1/e is left of a memory. A unit that keeps all has infinitely many, one
    that once keeps nothing has 0.

    kept  shares f, (number, unit), as in `kept_shares`.

    C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?", ICLR 2018, section 2.

    >>> timescales(np.array([[0.5, 1.0], [0.5, 1.0]])).round(4).tolist()
    [1.4427, inf]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # Rounding can leave a share just above 1.
        lost = -np.log(np.minimum(kept, 1)).mean(axis=0, dtype=float)
        return np.asarray(1 / np.abs(lost))


def memory_sizes(traced: LayerTrace) -> Array:
    """Euclidean norm of the memory at every step, (time, batch); NaN at padding."""
    state = memory_state(traced.cell)
    normaliser = normaliser_of(traced.cell, state)
    values = traced.signals[state]
    if normaliser:
        values = values / traced.signals[normaliser]
    with np.errstate(over="ignore"):
        return np.asarray(np.linalg.norm(values, axis=2))


def growth(sizes: Array, lengths: tuple[int, ...], *, is_backward: bool = False) -> float | None:
    """Size of a memory at the end over that in the middle of a sequence, geometric mean of rows.

    1 where it is steady, 2 where equal parts are added up, far more where it explodes. None where
    no row has MIN_GROWTH_STEPS steps and a memory in its middle.

    sizes  (time, batch) in the order of the tokens.

    >>> growth(np.array([[1.0], [2.0], [4.0], [8.0], [16.0]]), (5,))
    4.0
    """
    counts, rows = np.asarray(lengths), np.arange(len(lengths))
    ends, middles = (0, counts - 1 - counts // 2) if is_backward else (counts - 1, counts // 2)
    at_end, before = sizes[ends, rows], sizes[middles, rows]
    is_told = (counts >= MIN_GROWTH_STEPS) & (before > 0)
    if not is_told.any():
        return None
    with np.errstate(divide="ignore"):
        return float(np.exp(np.log(at_end[is_told] / before[is_told]).mean(dtype=float)))


def normaliser_of(cell: Cell, state: str) -> str:
    """The state by which another is divided when it is read, "" for none.

    >>> from rnnviz.cells import CELLS
    >>> normaliser_of(CELLS["slstm"], "cell"), normaliser_of(CELLS["lstm"], "cell")
    ('normaliser', '')
    """
    products = [one.factors for made in cell.updates.values() for one in made]
    divided = [factors for factors in products if state in factors]
    over = (f for factors in divided for f in factors if f.startswith("one_over:"))
    return next(over, "").removeprefix("one_over:")
