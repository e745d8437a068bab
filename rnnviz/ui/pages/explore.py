"""Explore: type or upload a sequence, choose a cell, see every gate at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import results, state
from rnnviz.ui.controls.main_view import overview, picture
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.controls.recording_progress import shown
from rnnviz.ui.controls.sequence import (
    given_caption,
    readable,
    reading_controls,
    sequence_controls,
)
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.text import t


def explore() -> None:
    """Choose, trace, view, show."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
        share = st.container(width="content")
    with st.sidebar:
        model = model_controls()
        reading = st.container()
        viewing = st.container()
        st.button(t("reset"), icon=":material/restart_alt:", type="tertiary", on_click=state.reset)
    with reading:
        reading_controls()
    given = readable()
    if given is None:
        return
    seen = shown(model, given)
    if seen is None:
        return
    drawn, given = seen
    with st.spinner(t("working"), show_time=True):
        trace = results.glimpse(drawn, given)
    with reading:
        given_caption(trace.sequence)
    with viewing:
        view = view_controls(trace)
    overview(drawn, given)
    picture(drawn, given, view, share)


explore()
state.finish()
