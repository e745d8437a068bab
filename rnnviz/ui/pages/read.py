"""Explore: type or upload a sequence, choose a cell, see every gate at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.controls.main_view import main_view
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.controls.recording_progress import shown_run
from rnnviz.ui.controls.sequence import (
    encoding_caption,
    file_decisions,
    reading_controls,
    sequence_controls,
    settled_input,
)
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.controls.widgets import reset_button
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.text import t


def explore() -> None:
    """The Explore page: model and input, their trace, the view of it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
        share = st.container(width="content")
    with st.sidebar:
        model = model_controls()
        reading = st.container()
        viewing = st.container()
        reset_button()
    with reading:
        reading_controls()
    settled = settled_input()
    if settled is None:
        return
    choice, source = settled
    file_decisions(choice)
    with st.spinner(t("working"), show_time=True):
        run = shown_run(RunChoice(model, choice), source)
    if run is None:
        return
    with reading:
        encoding_caption(run.trace.sequence)
    with viewing:
        view = view_controls(run.trace)
    main_view(run, view, share)


explore()
state.write_url()
