"""Hidden states of two networks side by side, and their difference."""

from __future__ import annotations

from math import inf

from rnnviz.analysis.panels import Panel, Panels, panels
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace

# Names of the two networks, and of the difference.
SIMPLE = Signal("simple", "h", "state", -1, 1)
RESET_BEFORE = Signal("reset_before", "h", "state", -1, 1)
RESET_AFTER = Signal("reset_after", "h", "state", -1, 1)
MISREAD = Signal("misread", "h", "state", -1, 1)
GAP = Signal("gap", "Δ", "state", -inf, inf)


def side_by_side(trace: Trace, other: Trace, second: Signal, first: Signal | None = None) -> Panels:
    """Hidden states of two networks, and the first minus the second.

    All three on one scale, (unit, time): where the two agree the third is blank.

    first, second   signals that name the two; by default the first is the hidden state.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5], [0.1]])
    >>> view = side_by_side(trace, trace, RESET_AFTER, RESET_BEFORE)
    >>> [panel.signal.name for panel in view.panels]
    ['reset_before', 'reset_after', 'gap']
    """
    own, others = (panels(one, ["hidden"]) for one in (trace, other))
    (one,), (two,) = own.panels, others.panels
    limit = max(one.high, two.high)
    drawn = (
        Panel(first or one.signal, one.values, one.units, -limit, limit),
        Panel(second, two.values, two.units, -limit, limit),
        Panel(GAP, one.values - two.values, one.units, -limit, limit),
    )
    return Panels(drawn, own.tokens, own.cell, own.is_trained)
