"""Widgets that every editor of interventions has: a button that acts, and how far a slider goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.core.arrays import Array
from rnnviz.ui.controls.intervention_target import InterventionTarget
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import on_user_change


def edit_button(
    name: str, icon: str, act: Callable[..., None], at: InterventionTarget, *args: Any
) -> None:
    """Button that makes an intervention on a target."""
    st.button(
        t(f"do.{name}"),
        icon=icon,
        key=f"do_{name}_now",
        help=t(f"do.{name}.help"),
        on_click=act,
        args=(at, *args),
    )


def number_slider(
    label: str, reach: float, now: float, key: str, act: Callable[..., None], *args: Any
) -> None:
    """Slider of hundredths around zero; `act` gets the arguments and the slider's key.

    reach  its end.
    """
    told = (key, act, *args, key)
    st.slider(label, -reach, reach, now, 0.01, key=key, on_change=on_user_change, args=told)


def slider_reach(values: Array) -> float:
    """End of a slider around zero over numbers, a whole number."""
    return max(1.0, float(np.ceil(2 * np.nanmax(np.abs(values)))))
