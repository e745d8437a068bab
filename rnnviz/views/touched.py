"""Where an intervention, not the network's arithmetic, made a number."""

from __future__ import annotations

from rnnviz.analysis.cursor import Place
from rnnviz.interventions.types import Clamp, Intervention, Silence


def is_held(place: Place, signal: str) -> bool:
    """Whether a gate is clamped, or the hidden number silenced, at this unit and step.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=3)
    >>> trace = rv.trace(model, [[0.5]], intervene=[rv.Clamp("forget", 1, units=2)])
    >>> [is_held(Place(trace, 0, 0, unit, 0), "forget") for unit in range(3)]
    [False, False, True]
    """
    return any(_holds(one, place, signal) for one in place.trace.interventions)


def _holds(one: Intervention, place: Place, signal: str) -> bool:
    if not isinstance(one, Clamp | Silence):
        return False
    wanted = one.gate if isinstance(one, Clamp) else "hidden"
    units = (one.units,) if isinstance(one.units, int) else one.units
    return (
        wanted == signal
        and one.layer == place.layer
        and one.row in (None, place.row)
        and (units is None or place.unit in units)
        and (one.start or 0) <= place.time
        and (one.stop is None or place.time < one.stop)
    )
