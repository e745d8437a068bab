"""One unit's signal in several sequences that differ in one number: does the difference stay?"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """A line for every batch row.

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
    check_index("layer", layer, len(trace.layers))
    traced = trace.layers[layer]
    check_index("unit", unit, traced.n_units)
    check_index("row", highlighted, trace.sequence.n_rows)
    for mark in marks:
        check_index("time", mark, trace.sequence.n_steps)
    values = traced.signals[signal][:, :, unit].T
    return Sensitivity(traced.cell.signal(signal), unit, values, names, marks, highlighted)
