"""Memory of a layer over all steps: its time scales, what was kept of it, how it grows."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.unit_steps import kept_and_written, memory_state
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.engine.trace import LayerTrace

MIN_GROWTH_STEPS = 4
"""Steps of a row below which nothing is told about growth."""


def kept_shares(traced: LayerTrace, is_real: Array) -> Array | None:
    """Share of the memory that each step keeps, (number, unit) of real steps; None without a gate.

    The forget gate of an LSTM, the update gate of a GRU, 1 − f where a gate writes. Where the
    memory is read divided by a normaliser n, as in sLSTM, f n_{t-1} / n_t: the share of the old
    c / n in the new one, which does not depend on how both are scaled; steps at which n was 0, so
    that nothing was there to keep, are left out.

    is_real  (time, batch), False at padding.
    """
    state = memory_state(traced.cell)
    kept, _ = kept_and_written(traced, state, is_real)
    normaliser = normaliser_of(traced.cell, state)
    if kept is None or not normaliser:
        return kept
    before, after = traced.before[normaliser][is_real], traced.signals[normaliser][is_real]
    share: Array = kept * before / after
    return share[(before > 0).all(axis=1)]


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


def kept_balance(traced: LayerTrace, is_real: Array) -> float | None:
    """Balance of kept and written: mean of |kept| / (|kept| + |written|) over all numbers.

    1 where memory is only kept, 0 where it is only written; None for a cell that keeps none, and
    where nothing is either.
    """
    state = memory_state(traced.cell)
    share, written = kept_and_written(traced, state, is_real)
    if share is None or written is None:
        return None
    kept, new = np.abs(share * traced.before[state][is_real]), np.abs(written)
    is_any = kept + new > 0
    return float((kept[is_any] / (kept + new)[is_any]).mean()) if is_any.any() else None


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
    ratios = []
    for row, length in enumerate(lengths):
        steps = sizes[:length, row][:: -1 if is_backward else 1]
        if length >= MIN_GROWTH_STEPS and steps[length // 2] > 0:
            ratios.append(steps[-1] / steps[length // 2])
    with np.errstate(divide="ignore"):
        return float(np.exp(np.mean(np.log(ratios)))) if ratios else None


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
