"""Sensitivity of one unit to one number: its signal in sequences that differ in it."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.analysis.cursor import check_index, layer_trace
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """One unit's signal in every batch row.

    values  (row, time).
    names   what each row is.
    marks   steps, counted from 0, at which something happens.
    chosen  the row to bring out.
    """

    signal: Signal
    unit: int
    values: Array
    names: tuple[str, ...]
    marks: tuple[int, ...]
    highlighted: int

    @property
    def n_steps(self) -> int:
        """Timesteps shown."""
        return int(self.values.shape[1])


def sensitivity(
    trace: Trace,
    signal: str,
    unit: int,
    names: tuple[str, ...],
    *,
    marks: tuple[int, ...] = (),
    highlighted: int = 0,
    layer: int = 0,
) -> Sensitivity:
    """One unit's signal in every batch row, rows of equal length.

    Raises InputError for a layer, unit, row or mark that the trace does not have.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5], [0.9]]])
    >>> sensitivity(trace, "update", 1, ("a", "b")).values.shape
    (2, 1)
    """
    traced = layer_trace(trace, layer, row=highlighted, unit=unit)
    for mark in marks:
        check_index("time", mark, trace.sequence.n_steps)
    values = traced.signals[signal][:, :, unit].T
    return Sensitivity(traced.cell.signal(signal), unit, values, names, marks, highlighted)
