"""Read: a model reads a sequence, and every gate and state is seen at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, shell, state
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.controls.insight_player import to_understand
from rnnviz.ui.controls.main_view import Frame, main_view, picture_columns
from rnnviz.ui.controls.model_about import compare_with, moment_of_model
from rnnviz.ui.controls.model_switch import model_notice, model_switch
from rnnviz.ui.controls.random_model import cells_ahead
from rnnviz.ui.controls.read_opened import opened_run
from rnnviz.ui.controls.read_untrained import untrained_run
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.controls.widgets import expert_drawer, reset_button, switch


def read() -> None:
    """The page that reads: the model, its input and answer, their trace, the view of it."""
    left, right = picture_columns()
    with left:
        row = st.container(horizontal=True, vertical_alignment="center", key="model_row")
        with row:
            model_switch()
            moment_of_model()
        model_notice()
    with right, st.container(horizontal=True, key="page_tools"):
        compared, share = st.container(width="content"), st.container(width="content")
        expert = expert_drawer()
    with left:
        is_untrained = state.chosen_model() == UNTRAINED
        run = untrained_run(row, expert) if is_untrained else opened_run(row, expert)
    if run is None:
        return
    with expert:
        switch("projector", "1")
        view = view_controls(run.trace)
        reset_button()
    with compared:
        compare_with(run)
    with right:
        answer = st.container(key="answer_place")
    main_view(run, view, Frame(left, right, answer, share))
    with left:
        to_understand()
    if is_untrained:
        cells_ahead()


shell.show_errors(read)
address.write_url()
