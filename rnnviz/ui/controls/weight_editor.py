"""Editor of single weights: a field and a slider for each."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.core.arrays import Array
from rnnviz.interventions.types import ChangeWeight
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.ui import edits
from rnnviz.ui.controls.edit_widgets import edit_button, number_slider, slider_reach
from rnnviz.ui.controls.intervention_target import InterventionTarget
from rnnviz.ui.player.live_network import Tried, tried_weight
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed


def weight_controls(at: InterventionTarget, layer: Layer, model: Model) -> dict[str, Tried]:
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
        edit_button("change", ":material/edit:", _change, at, param, index, key)
    return {"set_weight": _weight_slider(at, model, arrays[param], param, index)}


def _weight_slider(
    at: InterventionTarget, model: Model, array: Array, param: str, index: tuple[int, ...]
) -> Tried:
    """Slider of one weight: the value it was changed to, or else its own."""
    asked = ChangeWeight(param, index, 0.0, layer=at.layer)
    changed = [
        one.value
        for one in edits.active_edits()
        if isinstance(one, ChangeWeight) and replace(one, value=0.0) == asked
    ]
    now = round(changed[-1] if changed else float(array[index]), 2)
    reach = max(slider_reach(array), abs(now))
    key = keyed(f"do_drag_{param}_{index}", now)
    label = t("do.drag_weight", weight=f"{param}[{', '.join(map(str, index))}]")
    with st.container(key="set_weight"):
        number_slider(label, reach, now, key, _change, at, param, index)
    return tried_weight(model, asked)


def _index(axis: int, size: int) -> int:
    key = f"do_axis_{axis}_{size}"
    return int(st.number_input(t(f"do.axis.{axis}"), 0, size - 1, key=key, width=90))


def _change(at: InterventionTarget, param: str, index: tuple[int, ...], key: str) -> None:
    edits.add_edit(ChangeWeight(param, index, float(st.session_state[key]), layer=at.layer))
