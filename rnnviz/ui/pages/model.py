"""Your model: open a trained network, see what was found in it, and every gate at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import shell, state
from rnnviz.ui.controls.import_card import import_card
from rnnviz.ui.controls.main_view import main_view
from rnnviz.ui.controls.model_file import model_file_controls, settled_model
from rnnviz.ui.controls.model_input import model_input_controls, settled_model_input
from rnnviz.ui.controls.recording_progress import shown_run
from rnnviz.ui.controls.sequence import file_decisions
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.controls.widgets import reset_button, select


def your_model() -> None:
    """The page of an opened model: its report, its input, their trace, the view of it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="model_row"):
        model_file_controls()
        share = st.container(width="content")
    model = settled_model()
    if model is None:
        return
    import_card(model)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        chosen = model_input_controls(model)
    file_decisions(chosen)
    settled = settled_model_input(model, chosen)
    run = shown_run(*settled) if settled is not None else None
    if run is None:
        return
    with st.sidebar:
        select("backend", ("numpy", "torch"))
        view = view_controls(run.trace)
        reset_button()
    main_view(run, view, share)


shell.show_errors(your_model)
state.write_url()
