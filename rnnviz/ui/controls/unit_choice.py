"""The picked signal and unit of a layer, and arrows that turn through its units."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.unit_steps import memory_state
from rnnviz.engine.trace import LayerTrace
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import text_button
from rnnviz.ui.run import ShownRun
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change


def signal_choice(run: ShownRun) -> tuple[str, int]:
    """A list of the layer's signals, and `unit_choice` of the one that is chosen."""
    traced = run.trace.layers[state.shown_layer()]
    names = list(traced.signals)
    signal = _picked(names, memory_state(traced.cell))
    with st.container(horizontal=True, vertical_alignment="center", key="understand_unit"):
        name = keyed("understand_signal", signal)
        st.selectbox(
            t("understand.signal"),
            names,
            names.index(signal),
            format_func=lambda one: t(f"signal.{one}"),
            key=name,
            on_change=on_user_change,
            args=(name, _take_signal, name),
            label_visibility="collapsed",
            width=240,
        )
        return signal, _turn_through(traced, signal)


def unit_choice(run: ShownRun) -> int:
    """Arrows that turn through the units of the shown layer's memory."""
    traced = run.trace.layers[state.shown_layer()]
    signal = memory_state(traced.cell)
    with st.container(horizontal=True, vertical_alignment="center", key="understand_unit"):
        return _turn_through(traced, signal)


def _picked(names: list[str], standard: str) -> str:
    signal = state.picked_unit().rpartition(".")[0]
    return signal if signal in names else standard


def _turn_through(traced: LayerTrace, signal: str) -> int:
    n_units = traced.signals[signal].shape[2]
    number = state.picked_unit().rpartition(".")[2]
    unit = min(int(number), n_units - 1) if number.isdecimal() else 0
    for way, icon in ((-1, ":material/arrow_back:"), (1, ":material/arrow_forward:")):
        if way == 1:
            st.markdown(t("understand.unit", unit=unit, last=n_units - 1), width="content")
        label, key = t(f"understand.unit.{'next' if way == 1 else 'last'}"), f"unit_turn_{way}"
        to = f"{signal}.{(unit + way) % n_units}"
        text_button(label, key, _pick, to, icon=icon, disabled=n_units == 1)
    return unit


def _pick(picked: str) -> None:
    state.put(pick=picked)


def _take_signal(name: str) -> None:
    unit = state.picked_unit().rpartition(".")[2] or "0"
    state.put(pick=f"{st.session_state[name]}.{unit}")
