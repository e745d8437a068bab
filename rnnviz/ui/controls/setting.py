"""A lesson's sliders and choices; what they are set to lives in one choice of the page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.lessons.interactive import Options, Slider
from rnnviz.lessons.lesson import Control, Lesson
from rnnviz.lessons.registry import behind
from rnnviz.ui import state
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import heard, shows


def setting(one: Lesson, part: Control) -> None:
    """The control that a lesson's text names there."""
    control = next(c for c in behind(one.id).controls if c.name == part.name)
    if isinstance(control, Options):
        _options(one, part, control)
    elif control.free:
        _free(one, part, control)
    else:
        _slider(one, part, control, disabled=False)


def _options(one: Lesson, part: Control, control: Options) -> None:
    labels = dict(part.options)
    value = state.settings(one.id)[control.name]
    key = shows(_key(one, control.name), value)
    st.segmented_control(
        part.label,
        control.options,
        default=value,
        format_func=labels.__getitem__,
        required=True,
        key=key,
        on_change=heard,
        args=(key, _taken, one, control.name, key),
    )


def _slider(one: Lesson, part: Control, control: Slider, *, disabled: bool) -> None:
    value = state.settings(one.id)[control.name]
    shown = float(control.low if value is None else value)
    key = shows(_key(one, control.name), shown)
    st.slider(
        part.label,
        float(control.low),
        float(control.high),
        shown,
        step=float(control.step),
        format="%d" if float(control.step).is_integer() else None,
        key=key,
        on_change=heard,
        args=(key, _taken, one, control.name, key),
        disabled=disabled,
    )


def _free(one: Lesson, part: Control, control: Slider) -> None:
    """A switch that holds the gate, and beside it the value at which it is held."""
    is_held = state.settings(one.id)[control.name] is not None
    switch = shows(f"hold_{one.id}_{control.name}", is_held)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=150):
            st.toggle(
                t("learn.hold"),
                is_held,
                key=switch,
                on_change=heard,
                args=(switch, _hold, one, control, switch),
            )
        _slider(one, part, control, disabled=not is_held)


def _hold(one: Lesson, control: Slider, switch: str) -> None:
    _set(one, control.name, control.high if st.session_state[switch] else None)


def _key(one: Lesson, name: str) -> str:
    return f"control_{one.id}_{name}"


def _taken(one: Lesson, name: str, key: str) -> None:
    _set(one, name, st.session_state[key])


def _set(one: Lesson, name: str, value: Any) -> None:
    state.put(settings={**state.settings(one.id), name: value})
