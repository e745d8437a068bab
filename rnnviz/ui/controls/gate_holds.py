"""Gates that are dragged in the drawing, as interventions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from rnnviz.interventions.types import Clamp, Intervention
from rnnviz.ui import edits, state


def hold_gate(key: str, layer: int, direction: str) -> None:
    """Hold or let go the gate that the drawing of this key asks for; a callback of `diagram`."""
    asked = st.session_state[key]["hold"]
    # Who drags a gate has picked it: one action is one entry of the browser's history.
    state.put(pick=f"{asked['gate']}.{asked['unit']}")
    if asked["value"] is None:
        edits.remove_edits(lambda one: _acts_there(one, asked, layer))
        return
    edits.add_edit(clamp_asked(asked, layer, direction))
    # Who drags a gate wants to see what comes of it.
    if state.get("versus") == "untouched":
        state.put(versus="changed")


def clamp_asked(asked: Mapping[str, Any], layer: int, direction: str) -> Clamp:
    """The clamp that a dragged gate asks for.

    >>> asked = {"gate": "forget", "value": 1, "unit": 3, "step": 5}
    >>> clamp_asked(asked | {"all_units": False, "all_steps": False}, 0, "forward")
    Clamp(gate='forget', value=1.0, units=(3,), start=5, stop=None, layer=0, row=None)
    >>> clamp_asked(asked | {"all_units": True, "all_steps": False}, 0, "backward").stop
    6
    """
    units = None if asked["all_units"] else (int(asked["unit"]),)
    span = {} if asked["all_steps"] else from_here(int(asked["step"]), direction)
    return Clamp(str(asked["gate"]), float(asked["value"]), units=units, layer=layer, **span)


def from_here(step: int, direction: str) -> dict[str, int]:
    """The steps that a layer reads from this one on, `start` or `stop` of an intervention."""
    return {"stop": step + 1} if direction == "backward" else {"start": step}


def _acts_there(one: Intervention, asked: Mapping[str, Any], layer: int) -> bool:
    """True for a clamp of this gate that acts on the unit at the step."""
    return (
        isinstance(one, Clamp)
        and (one.gate, one.layer) == (asked["gate"], layer)
        and (one.units is None or asked["unit"] in tuple(_listed(one.units)))
        and (one.start or 0) <= asked["step"]
        and (one.stop is None or asked["step"] < one.stop)
    )


def _listed(units: Any) -> Any:
    return (units,) if isinstance(units, int) else units
