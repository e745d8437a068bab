"""Facts that networks of different types are compared by: length of memory, saturated gates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnviz.analysis.gradient import state_distance
from rnnviz.analysis.saturation import saturation
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model


@dataclass(frozen=True)
class CellFacts:
    """Facts of one layer of a network at work on one sequence.

    reach      steps after the one that the layer reads first at which its trace is last seen: 1/e
               or more of the largest change that leaving it out makes to the hidden state.
    is_whole   True where that is the last it reads: the memory may be longer than the sequence.
    saturated  share of gate numbers below 0.1 or above 0.9; None for a cell without gates.
    """

    reach: int
    is_whole: bool
    saturated: float | None


def cell_facts(model: Model, traced: Trace, layer: int = 0) -> CellFacts:
    """Facts of a run on its first batch row.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", 1, 4)
    >>> cell_facts(model, rv.trace(model, [[0.0], [0.5]]))
    CellFacts(reach=0, is_whole=False, saturated=None)
    """
    length = traced.sequence.lengths[0]
    in_order = slice(None, None, -1 if traced.layers[layer].direction == "backward" else 1)
    values = np.array(traced.sequence.values)
    values[:length][in_order][0] = 0
    without = trace(model, replace(traced.sequence, values=values))
    apart = state_distance(traced, without, layer=layer)[:length][in_order]
    seen = np.flatnonzero((apart > 0) & (apart >= apart.max() / np.e))
    reach = int(seen[-1]) if len(seen) else 0
    return CellFacts(reach, 0 < reach == len(apart) - 1, _saturated(traced, layer))


def _saturated(traced: Trace, layer: int) -> float | None:
    gates = [signal.name for signal in traced.layers[layer].cell.signals if signal.kind == "gate"]
    found = [saturation(traced, gate, layer=layer) for gate in gates]
    shares = [np.concatenate([one.closed, one.open]).sum() / len(one.open) for one in found]
    return float(np.mean(shares)) if shares else None
