"""Your model: open a trained network, see what was found in it, and every gate at every step."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import cached, frame, state
from rnnviz.ui.controls.choose import select
from rnnviz.ui.controls.feed import feed_controls, readable
from rnnviz.ui.controls.opened import card, opened, opened_controls
from rnnviz.ui.controls.picture import overview, picture
from rnnviz.ui.controls.recording import shown
from rnnviz.ui.controls.view import view_controls
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
    trace = cached.glimpse(drawn, given)
    with st.sidebar:
        select("backend", ("numpy", "torch"))
        view = view_controls(trace)
        st.button(t("reset"), icon=":material/restart_alt:", type="tertiary", on_click=state.reset)
    overview(drawn, given)
    picture(drawn, given, view, share)


frame.guarded(your_model)
state.finish()
