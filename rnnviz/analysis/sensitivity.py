"""One unit's signal in several sequences that differ in one number: does the difference stay?"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace


@dataclass(frozen=True, eq=False)
class Fan:
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
    chosen: int

    @property
    def n_steps(self) -> int:
        """Timesteps shown."""
        return int(self.values.shape[1])


def fan(
    trace: Trace,
    signal: str,
    unit: int,
    names: tuple[str, ...],
    *,
    marks: tuple[int, ...] = (),
    chosen: int = 0,
    layer: int = 0,
) -> Fan:
    """One unit's signal in every batch row, rows of equal length.

    Raises InputError for a layer, unit, row or mark that the trace does not have.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5], [0.9]]])
    >>> fan(trace, "update", 1, ("a", "b")).values.shape
    (2, 1)
    """
    check_index("layer", layer, len(trace.layers))
    traced = trace.layers[layer]
    check_index("unit", unit, traced.n_units)
    check_index("row", chosen, trace.sequence.n_rows)
    for mark in marks:
        check_index("time", mark, trace.sequence.n_steps)
    values = traced.signals[signal][:, :, unit].T
    return Fan(traced.kind.signal(signal), unit, values, names, marks, chosen)
