"""Explore: type or upload a sequence, choose a cell, see every gate at every step."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.trace import Trace
from rnnviz.ui import cached, state
from rnnviz.ui.cached import InputChoice, ModelChoice, ViewChoice
from rnnviz.ui.controls.explain import explain
from rnnviz.ui.controls.model import model_controls
from rnnviz.ui.controls.sequence import (
    given_caption,
    readable,
    reading_controls,
    sequence_controls,
)
from rnnviz.ui.controls.share import share_controls
from rnnviz.ui.controls.stepping import stepping
from rnnviz.ui.controls.view import view_controls
from rnnviz.ui.text import t
from rnnviz.views.panels import names

GROUP = "panels"
_HEIGHT = 640
_CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


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
    with st.spinner(t("working"), show_time=True):
        trace = cached.traced(model, given)
    with reading:
        given_caption(trace.sequence)
    with viewing:
        view = view_controls(trace)
    _show(model, given, view, trace)
    with share:
        figure = cached.figure(model, given, view, _HEIGHT)
        share_controls(figure, cached.seen(model, given, view), trace, model, given)


def _show(model: ModelChoice, given: InputChoice, view: ViewChoice, trace: Trace) -> None:
    panels = cached.seen(model, given, view)
    whole = cached.seen(model, given, replace(view, show=names(trace, view.layer)))
    name = cached.name_of(model, given, view)
    stepping(whole, name, GROUP)
    left, right = st.columns([5, 3], gap="medium")
    with left, st.container(key=GROUP):
        st.plotly_chart(
            cached.figure(model, given, view, _HEIGHT),
            key="chart",
            theme=None,
            config=_CHART,
            alt=t("chart.alt", cell=t(f"cell.{model.cell}"), steps=panels.n_steps),
        )
    with right:
        made = cached.made(model, trace.sequence.n_features)
        explain(made, trace, panels, name, view.layer, GROUP)


explore()
state.finish()
