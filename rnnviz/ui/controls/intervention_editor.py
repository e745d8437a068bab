"""Editor of interventions: hold gates, silence units, set states, change weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell, Signal
from rnnviz.engine.trace import Trace
from rnnviz.interventions.types import (
    AddToState,
    Clamp,
    Reset,
    SetState,
    Silence,
)
from rnnviz.network.model import Model
from rnnviz.ui import edits, state
from rnnviz.ui.controls.edit_widgets import edit_button, number_slider, slider_reach
from rnnviz.ui.controls.intervention_target import InterventionTarget
from rnnviz.ui.controls.weight_editor import weight_controls
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.player.live_network import (
    Tried,
    live_sliders,
    tried_intervention,
)
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change

_UNITS = ("all", "picked", "some")
_STEPS = ("all", "cursor", "span")
_UNBOUNDED = 3.0
_NUMBER = "do_number"


def intervene_controls(model: Model, trace: Trace, layer: int, first: int, group: str) -> None:
    """The folded controls that act on a layer; `trace` is the untouched run."""
    acted, signals = model.layers[layer], trace.layers[layer].signals
    gates = acted.cell.gates
    sizes = (acted.n_units, acted.n_hidden, trace.sequence.lengths[0])
    at = InterventionTarget(layer, *sizes, first, acted.direction)
    folded = st.expander(t("do"), icon=":material/science:", key="doing", on_change="rerun")
    # Drawn for those who look: forty parts need not come with every change of a choice.
    if not folded.open:
        return
    with folded, st.container(key="intervene"):
        _units(at)
        _steps(at)
        made: dict[str, Tried] = {}
        for start in range(0, len(gates), 2):
            # Two a row, so that a narrow page has them one under the other in the cell's order.
            for column, gate in zip(st.columns(2), gates[start : start + 2], strict=False):
                with column:
                    key = _slider(at, acted.cell.signal(gate.name), signals[gate.name])
                    made[key] = tried_intervention(_clamp(at, gate.name, 0))
        edit_button("silence", ":material/volume_off:", _silence, at)
        st.caption(t("do.at_step", step=at.step + 1))
        made |= _states(at, acted.cell, signals)
        st.caption(t("do.whole_run"))
        made |= weight_controls(at, acted, model)
        live_sliders(made, playhead=group, key="live_sliders")


def _units(at: InterventionTarget) -> None:
    segments("do_units", _UNITS)
    if state.get("do_units") == "some":
        options, label = [str(unit) for unit in range(at.n_units)], t("do_some")
        st.multiselect(
            label, options, key=at.some_key, placeholder=label, label_visibility="collapsed"
        )


def _steps(at: InterventionTarget) -> None:
    segments("do_steps", _STEPS)
    if state.get("do_steps") == "span" and at.n_steps > 1:
        label = t("do_span")
        st.slider(
            label, 1, at.n_steps, (1, at.n_steps), key=at.span_key, label_visibility="collapsed"
        )


def _slider(at: InterventionTarget, signal: Signal, values: Array) -> str:
    """Slider of one gate: the value it is held at, or else its mean in the untouched run.

    Returns the key of its container.
    """
    low = signal.low if np.isfinite(signal.low) else -_UNBOUNDED
    high = signal.high if np.isfinite(signal.high) else _UNBOUNDED
    clamps = [
        one
        for one in edits.active_edits()
        if isinstance(one, Clamp) and (one.gate, one.layer) == (signal.name, at.layer)
    ]
    value = clamps[-1].value if clamps else float(np.nanmean(values[:, 0]))
    shown = round(float(max(low, min(high, value))), 2)
    key = keyed(f"slider_{signal.name}", shown)
    name = t(f"signal.{signal.name}")
    # The two look different: a slider at rest shows a mean, a held one what the gate is held at.
    container = f"{'held' if clamps else 'hold'}_{signal.name}"
    with st.container(key=container):
        st.slider(
            f"**{t('do.is_held', gate=name)}**"
            if clamps
            else t("do.is_free", gate=name, count=at.n_units),
            float(low),
            float(high),
            shown,
            step=0.01,
            key=key,
            help=t("do.hold.help"),
            on_change=on_user_change,
            args=(key, _hold, at, signal.name, key),
        )
    return container


def _states(at: InterventionTarget, cell: Cell, signals: Mapping[str, Array]) -> dict[str, Tried]:
    """Set, add to and reset states; what the slider tries out by the key of its container."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"do_state_{cell.name}"
        st.selectbox(
            t("do.state"),
            cell.states,
            len(cell.states) - 1,
            format_func=lambda name: t(f"signal.{name}"),
            key=key,
            width=130,
        )
        st.number_input(t("do.value"), key=_NUMBER, value=0.0, step=0.1, width=110)
        edit_button("set", ":material/equal:", _set, at, key)
        edit_button("add", ":material/add:", _add, at, key)
        edit_button("reset", ":material/restart_alt:", _reset, at)
    state_name = str(st.session_state[key])
    signal, values = cell.signal(state_name), signals[state_name]
    return {
        "set_state": _state_slider(at, signal, values),
        "add_state": _addend_slider(at, signal, values),
    }


def _state_slider(at: InterventionTarget, signal: Signal, values: Array) -> Tried:
    """Slider that sets a state when the cursor's step starts."""
    reach = slider_reach(values)
    before = at.step + 1 if at.direction == "backward" else at.step - 1
    is_inside = 0 <= before < at.n_steps
    mean = float(np.nanmean(values[before, 0])) if is_inside else 0.0
    label = t("do.drag_state", state=t(f"signal.{signal.name}"), step=at.step + 1)
    key = f"do_state_{signal.name}_{at.step}_{at.units}"
    with st.container(key="set_state"):
        st.slider(
            label,
            -reach,
            reach,
            round(mean, 2),
            0.01,
            key=key,
            on_change=_set_to,
            args=(at, signal.name, key),
        )
    return tried_intervention(_set_state(at, signal.name, 0))


def _addend_slider(at: InterventionTarget, signal: Signal, values: Array) -> Tried:
    """Slider that adds to a state when the cursor's step starts; at 0 it adds nothing."""
    asked = _add_to(at, signal.name, 0)
    added = [
        one.value
        for one in edits.active_edits()
        if isinstance(one, AddToState) and edits.is_same_target(asked, one)
    ]
    now = round(float(sum(added)), 2)
    reach = max(slider_reach(values), abs(now))
    label = t("do.drag_addend", state=t(f"signal.{signal.name}"), step=at.step + 1)
    key = keyed(f"do_addend_{signal.name}_{at.layer}_{at.step}_{at.units}", now)
    with st.container(key="add_state"):
        number_slider(label, reach, now, key, _add_dragged, at, signal.name)
    return tried_intervention(asked)


def _hold(at: InterventionTarget, gate: str, key: str) -> None:
    edits.add_edit(_clamp(at, gate, float(st.session_state[key])))


def _clamp(at: InterventionTarget, gate: str, value: float) -> Clamp:
    return Clamp(gate, value, units=at.units, layer=at.layer, **at.span)


def _silence(at: InterventionTarget) -> None:
    # A projected layer has fewer hidden numbers than units.
    units = at.units or tuple(range(at.n_hidden))
    edits.add_edit(Silence(units, layer=at.layer, **at.span))


def _set(at: InterventionTarget, key: str) -> None:
    edits.add_edit(_set_state(at, *_state_value(key)))


def _set_to(at: InterventionTarget, name: str, key: str) -> None:
    edits.add_edit(_set_state(at, name, float(st.session_state[key])))


def _set_state(at: InterventionTarget, name: str, value: float) -> SetState:
    return SetState(name, value, at.step, units=at.units, layer=at.layer)


def _add(at: InterventionTarget, key: str) -> None:
    edits.add_edit(_add_to(at, *_state_value(key)))


def _add_dragged(at: InterventionTarget, name: str, key: str) -> None:
    one = _add_to(at, name, float(st.session_state[key]))
    if one.value:
        edits.add_edit(one)
    else:
        edits.remove_edits(lambda other: edits.is_same_target(one, other))


def _add_to(at: InterventionTarget, name: str, value: float) -> AddToState:
    return AddToState(name, value, at.step, units=at.units, layer=at.layer)


def _state_value(key: str) -> tuple[str, float]:
    """The chosen state and the number beside it."""
    return st.session_state[key], float(st.session_state[_NUMBER])


def _reset(at: InterventionTarget) -> None:
    edits.add_edit(Reset(at.step))
