"""Editor of interventions: hold gates, silence units, set states, change weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell, Signal
from rnnviz.engine.trace import Trace
from rnnviz.interventions.types import (
    AddToState,
    ChangeWeight,
    Clamp,
    Reset,
    SetState,
    Silence,
)
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.ui import edits, state
from rnnviz.ui.controls.cursor import last_read
from rnnviz.ui.controls.gate_holds import from_here
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.player.live_network import (
    Tried,
    live_sliders,
    tried_intervention,
    tried_weight,
)
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change

_UNITS = ("all", "picked", "some")
_STEPS = ("all", "cursor", "span")
_UNBOUNDED = 3.0
_NUMBER = "do_number"


@dataclass(frozen=True)
class _At:
    """Target of the next intervention: a layer of a run; `first` is its first drawn unit."""

    layer: int
    n_units: int
    n_hidden: int
    n_steps: int
    first: int
    direction: str

    @property
    def step(self) -> int:
        """The cursor's step."""
        step = state.cursor_step()
        last = last_read(0, self.n_steps, self.direction)
        return last if step is None else min(int(step), self.n_steps - 1)

    @property
    def picked(self) -> int:
        """The unit that is picked in the picture."""
        unit = state.picked_unit().rpartition(".")[2]
        return int(unit) if unit.isdigit() and int(unit) < self.n_units else self.first

    @property
    def units(self) -> tuple[int, ...] | None:
        """Units of the next intervention, None for all."""
        how = state.get("do_units")
        return (self.picked,) if how == "picked" else (self.some or None) if how == "some" else None

    @property
    def some(self) -> tuple[int, ...]:
        """Units that were chosen one by one."""
        return tuple(int(unit) for unit in st.session_state.get(self.some_key, ()))

    @property
    def some_key(self) -> str:
        """Key of the list of units, another for every number of them."""
        return f"do_some_{self.n_units}"

    @property
    def span_key(self) -> str:
        """Key of the slider over the steps, another for every number of them."""
        return f"do_span_{self.n_steps}"

    @property
    def span(self) -> dict[str, int]:
        """Steps of the next intervention, `start` and `stop`; without them all."""
        how = state.get("do_steps")
        if how == "cursor":
            return from_here(self.step, self.direction)
        if how == "span" and self.n_steps > 1:
            first, last = st.session_state.get(self.span_key, (1, self.n_steps))
            return {"start": first - 1, "stop": last}
        return {}


def intervene_controls(model: Model, trace: Trace, layer: int, first: int, group: str) -> None:
    """The folded controls that act on a layer; `trace` is the untouched run."""
    acted, signals = model.layers[layer], trace.layers[layer].signals
    gates = acted.cell.gates
    sizes = (acted.n_units, acted.n_hidden, trace.sequence.lengths[0])
    at = _At(layer, *sizes, first, acted.direction)
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
        _act("silence", ":material/volume_off:", _silence, at)
        st.caption(t("do.at_step", step=at.step + 1))
        made |= _states(at, acted.cell, signals)
        st.caption(t("do.whole_run"))
        made |= _weights(at, acted, model)
        live_sliders(made, playhead=group, key="live_sliders")


def _units(at: _At) -> None:
    segments("do_units", _UNITS)
    if state.get("do_units") == "some":
        options, label = [str(unit) for unit in range(at.n_units)], t("do_some")
        st.multiselect(
            label, options, key=at.some_key, placeholder=label, label_visibility="collapsed"
        )


def _steps(at: _At) -> None:
    segments("do_steps", _STEPS)
    if state.get("do_steps") == "span" and at.n_steps > 1:
        label = t("do_span")
        st.slider(
            label, 1, at.n_steps, (1, at.n_steps), key=at.span_key, label_visibility="collapsed"
        )


def _slider(at: _At, signal: Signal, values: Array) -> str:
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


def _states(at: _At, cell: Cell, signals: Mapping[str, Array]) -> dict[str, Tried]:
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
        _act("set", ":material/equal:", _set, at, key)
        _act("add", ":material/add:", _add, at, key)
        _act("reset", ":material/restart_alt:", _reset, at)
    state_name = str(st.session_state[key])
    return {"set_state": _state_slider(at, cell.signal(state_name), signals[state_name])}


def _state_slider(at: _At, signal: Signal, values: Array) -> Tried:
    """Slider that sets a state when the cursor's step starts."""
    reach = _reach(values)
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


def _reach(values: Array) -> float:
    """End of a slider around zero over numbers, a whole number."""
    return max(1.0, float(np.ceil(2 * np.nanmax(np.abs(values)))))


def _weights(at: _At, layer: Layer, model: Model) -> dict[str, Tried]:
    """Change a weight; what the slider tries out by the key of its container."""
    arrays = dict(layer.weights)
    if model.readout is not None:
        arrays |= {"readout.V": model.readout.weights, "readout.d": model.readout.bias}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = list(arrays)
        key = f"do_param_{'_'.join(names)}"
        param = st.selectbox(t("do.weight"), names, key=key, width=130, help=t("do.weight.help"))
        index = tuple(_index(axis, size) for axis, size in enumerate(arrays[param].shape))
        now = round(float(arrays[param][index]), 4)
        # Each weight has a field of its own, which shows what it is now.
        key = f"do_new_{param}_{index}_{now}"
        st.number_input(t("do.value"), value=now, key=key, step=0.1, format="%.4f", width=120)
        _act("change", ":material/edit:", _change, at, param, index, key)
    return {"set_weight": _weight_slider(at, model, arrays[param], param, index)}


def _weight_slider(
    at: _At, model: Model, array: Array, param: str, index: tuple[int, ...]
) -> Tried:
    """Slider of one weight: the value it was changed to, or else its own."""
    asked = ChangeWeight(param, index, 0.0, layer=at.layer)
    changed = [
        one.value
        for one in edits.active_edits()
        if isinstance(one, ChangeWeight) and replace(one, value=0.0) == asked
    ]
    now = round(changed[-1] if changed else float(array[index]), 2)
    reach = max(_reach(array), abs(now))
    key = keyed(f"do_drag_{param}_{index}", now)
    label = t("do.drag_weight", weight=f"{param}[{', '.join(map(str, index))}]")
    with st.container(key="set_weight"):
        st.slider(
            label,
            -reach,
            reach,
            now,
            0.01,
            key=key,
            on_change=on_user_change,
            args=(key, _change, at, param, index, key),
        )
    return tried_weight(model, asked)


def _index(axis: int, size: int) -> int:
    key = f"do_axis_{axis}_{size}"
    return int(st.number_input(t(f"do.axis.{axis}"), 0, size - 1, key=key, width=90))


def _act(name: str, icon: str, act: Callable[..., None], at: _At, *args: Any) -> None:
    st.button(
        t(f"do.{name}"),
        icon=icon,
        key=f"do_{name}_now",
        help=t(f"do.{name}.help"),
        on_click=act,
        args=(at, *args),
    )


def _hold(at: _At, gate: str, key: str) -> None:
    edits.add_edit(_clamp(at, gate, float(st.session_state[key])))


def _clamp(at: _At, gate: str, value: float) -> Clamp:
    return Clamp(gate, value, units=at.units, layer=at.layer, **at.span)


def _silence(at: _At) -> None:
    # A projected layer has fewer hidden numbers than units.
    units = at.units or tuple(range(at.n_hidden))
    edits.add_edit(Silence(units, layer=at.layer, **at.span))


def _set(at: _At, key: str) -> None:
    edits.add_edit(_set_state(at, *_state_value(key)))


def _set_to(at: _At, name: str, key: str) -> None:
    edits.add_edit(_set_state(at, name, float(st.session_state[key])))


def _set_state(at: _At, name: str, value: float) -> SetState:
    return SetState(name, value, at.step, units=at.units, layer=at.layer)


def _add(at: _At, key: str) -> None:
    edits.add_edit(AddToState(*_state_value(key), at.step, units=at.units, layer=at.layer))


def _state_value(key: str) -> tuple[str, float]:
    """The chosen state and the number beside it."""
    return st.session_state[key], float(st.session_state[_NUMBER])


def _reset(at: _At) -> None:
    edits.add_edit(Reset(at.step))


def _change(at: _At, param: str, index: tuple[int, ...], key: str) -> None:
    edits.add_edit(ChangeWeight(param, index, float(st.session_state[key]), layer=at.layer))
