"""Your model: open a trained network, see what was found in it, and every gate at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import results, shell, state
from rnnviz.ui.controls.main_view import overview, picture
from rnnviz.ui.controls.model_file import card, opened, opened_controls
from rnnviz.ui.controls.model_input import feed_controls, readable
from rnnviz.ui.controls.recording_progress import shown
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.text import t


def your_model() -> None:
    """Open, feed, trace, show."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="model_row"):
        opened_controls()
        share = st.container(width="content")
    model = opened()
    if model is None:
        return
    card(model)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        asked = feed_controls(model)
    given = readable(model, asked)
    if given is None:
        return
    seen = shown(model, given)
    if seen is None:
        return
    drawn, given = seen
    trace = results.glimpse(drawn, given)
    with st.sidebar:
        select("backend", ("numpy", "torch"))
        view = view_controls(trace)
        st.button(t("reset"), icon=":material/restart_alt:", type="tertiary", on_click=state.reset)
    overview(drawn, given)
    picture(drawn, given, view, share)


shell.guarded(your_model)
state.finish()
