"""Train: pick a task and a cell, watch it learn, and slide through what its gates became."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import results, shell, state
from rnnviz.ui.controls.main_view import overview, picture
from rnnviz.ui.controls.training import (
    example_controls,
    moments,
    plan_controls,
    trained,
    untrained,
    watch,
)
from rnnviz.ui.controls.view_options import view_controls


def train() -> None:
    """Plan, watch, slide, show."""
    with st.sidebar:
        plan = plan_controls()
    job = watch(plan)
    of = job.plan if job is not None else plan
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        given = example_controls(of)
        share = st.container(width="content")
    if job is not None and job.snapshots:
        moments(job)
    model = trained(job) if job is not None and job.snapshots else untrained(of)
    trace = results.traced(model, given)
    with st.sidebar:
        view = view_controls(trace)
    overview(model, given)
    picture(model, given, view, share)


shell.guarded(train)
state.finish()
