"""A network with gates held at a value while it reads."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.api import trace
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import Clamp
from rnnviz.lessons.interactive import Setting
from rnnviz.network.model import Model


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
    return trace(model, sequence, intervene=_clamps(gates, start, stop))


def holding(
    gates: Mapping[str, Setting], *, start: int | None = None, stop: int | None = None
) -> dict[str, str]:
    """The same for a link, which then opens with the gates held."""
    clamps = _clamps(gates, start, stop)
    return {"do": to_text(clamps)} if clamps else {}


def _clamps(gates: Mapping[str, Setting], start: int | None, stop: int | None) -> list[Clamp]:
    return [
        Clamp(gate, value, start=start, stop=stop)
        for gate, value in gates.items()
        if isinstance(value, float)
    ]
