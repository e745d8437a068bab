"""Read: a model reads a sequence, and every gate and state is seen at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, shell, state
from rnnviz.ui.controls.main_view import Frame, main_view
from rnnviz.ui.controls.model_switch import model_notice, model_switch
from rnnviz.ui.controls.read_opened import opened_run
from rnnviz.ui.controls.read_untrained import untrained_run
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.controls.widgets import reset_button
from rnnviz.ui.old_links import UNTRAINED


def read() -> None:
    """The page that reads: the model, its input and answer, their trace, the view of it."""
    with st.container(horizontal=True, vertical_alignment="center", key="model_row"):
        model_switch()
        share = st.container(width="content")
    model_notice()
    is_untrained = state.chosen_model() == UNTRAINED
    run = untrained_run() if is_untrained else opened_run()
    if run is None:
        return
    with st.sidebar:
        view = view_controls(run.trace)
        reset_button()
    main_view(run, view, Frame(share, st.container(key="answer_place")))


shell.show_errors(read)
address.write_url()
