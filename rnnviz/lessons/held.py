"""A network with gates held at a value while it reads."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.api import trace
from rnnviz.intervene.kinds import Clamp
from rnnviz.lessons.behind import Setting
from rnnviz.model import Model
from rnnviz.sequence import Sequence
from rnnviz.trace import Trace


def held(
    model: Model,
    sequence: Sequence,
    gates: Mapping[str, Setting],
    *,
    start: int | None = None,
    stop: int | None = None,
) -> Trace:
    """The trace with each named gate at its value in all units; None lets the gate alone.

    start, stop   the steps, as in a slice; None for all.
    """
    holds = [
        Clamp(gate, value, start=start, stop=stop)
        for gate, value in gates.items()
        if isinstance(value, float)
    ]
    return trace(model, sequence, intervene=holds)
