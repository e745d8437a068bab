"""Saturation of gates: the share of steps at which each unit is nearly 0 or nearly 1.

A. Karpathy, J. Johnson and L. Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.analysis.cursor import layer_trace
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError

CLOSED, OPEN = 0.1, 0.9


@dataclass(frozen=True, eq=False)
class Saturation:
    """Shares of steps at which each unit of a gate saturates, over all real steps of all rows.

    closed  (unit,), share of steps below 0.1.
    open    (unit,), share of steps above 0.9.
    """

    closed: Array
    open: Array


def saturation(trace: Trace, gate: str, *, layer: int = 0) -> Saturation:
    """Saturation of each unit of a gate.

    Raises InputError for a layer that the trace does not have, and for what is no gate of it.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> held = rv.trace(model, [[0.5], [0.1]], intervene=[rv.Clamp("forget", 1)])
    >>> saturation(held, "forget").open.tolist()
    [1.0, 1.0]
    """
    traced = layer_trace(trace, layer)
    gates = [signal.name for signal in traced.cell.signals if signal.kind == "gate"]
    if gate not in gates:
        raise InputError(
            'The gates of this layer are {gates}, but "{came}" was asked for.',
            gates=", ".join(gates),
            came=gate,
        )
    values = traced.signals[gate][trace.sequence.is_real]
    return Saturation((values < CLOSED).mean(axis=0), (values > OPEN).mean(axis=0))
