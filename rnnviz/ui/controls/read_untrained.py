"""A network with random weights at work: its cell, its input, and how that is read."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.ui.controls.model_about import what_it_does
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.controls.recording_progress import shown_run
from rnnviz.ui.controls.sequence import (
    encoding_caption,
    file_decisions,
    reading_controls,
    sequence_controls,
    settled_input,
)
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.text import t


def untrained_run(row: DeltaGenerator, expert: DeltaGenerator) -> ShownRun | None:
    """The run of the chosen network; None while nothing can be read.

    row     of the model: its type and its size go there.
    expert  the drawer of the rarer controls.
    """
    with row:
        model = model_controls(expert)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
    what_it_does()
    reading = expert.container()
    with reading:
        reading_controls()
    settled = settled_input()
    if settled is None:
        return None
    choice, source = settled
    file_decisions(choice)
    with st.spinner(t("working"), show_time=True):
        run = shown_run(RunChoice(model, choice), source)
    if run is not None:
        with reading:
            encoding_caption(run.trace.sequence)
    return run
