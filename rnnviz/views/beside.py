"""One signal of two networks over the same sequence, and what lies between them."""

from __future__ import annotations

from math import inf

from rnnviz.cell import Signal
from rnnviz.trace import Trace
from rnnviz.views.panels import Panel, Panels, panels

SIMPLE = Signal("simple", "h", "state", -1, 1)
GAP = Signal("gap", "Δ", "state", -inf, inf)


def beside_simple(trace: Trace, simple: Trace) -> Panels:
    """A network's hidden state, the simple network's, and the first minus the second.

    All three on one scale, (unit, time): where the two agree the third is blank.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", n_inputs=1, n_units=2)
    >>> trace = rv.trace(model, [[0.5], [0.1]])
    >>> [panel.signal.name for panel in beside_simple(trace, trace).panels]
    ['hidden', 'simple', 'gap']
    """
    own, other = (panels(one, ["hidden"]) for one in (trace, simple))
    (one,), (two,) = own.panels, other.panels
    limit = max(one.high, two.high)
    drawn = (
        Panel(one.signal, one.values, one.units, -limit, limit),
        Panel(SIMPLE, two.values, two.units, -limit, limit),
        Panel(GAP, one.values - two.values, one.units, -limit, limit),
    )
    return Panels(drawn, own.tokens, own.cell, own.is_trained)
