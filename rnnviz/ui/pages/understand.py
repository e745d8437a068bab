"""Understand: what a network has learned, one view at a time."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, shell, state
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.controls.insight_choice import insight_choice
from rnnviz.ui.controls.insight_view import insight_view
from rnnviz.ui.controls.model_about import moment_of_model
from rnnviz.ui.controls.model_switch import model_notice, model_switch
from rnnviz.ui.controls.read_opened import opened_run
from rnnviz.ui.controls.read_untrained import untrained_run
from rnnviz.ui.controls.widgets import expert_drawer, reset_button


def understand() -> None:
    """The page Understand: the model and its input, and the chosen view of their run."""
    row = st.container(horizontal=True, vertical_alignment="center", key="model_row")
    with row:
        model_switch()
        moment_of_model()
        expert = expert_drawer()
    model_notice()
    is_untrained = state.chosen_model() == UNTRAINED
    run = untrained_run(row, expert) if is_untrained else opened_run(row, expert)
    with expert:
        reset_button()
    one = insight_choice(run)
    if run is not None:
        insight_view(one, run)


shell.show_errors(understand)
address.write_url()
