"""Train: pick a task and a cell, watch it learn, and slide through what its gates became."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, results, shell
from rnnviz.ui.controls.main_view import Frame, main_view
from rnnviz.ui.controls.training import (
    example_controls,
    moment_slider,
    plan_controls,
    trained_model,
    training_progress,
    untrained_model,
)
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.run import run_of
from rnnviz.ui.selections import RunChoice


def train() -> None:
    """The Train page: the plan, its progress, the moment, the view of it."""
    with st.sidebar:
        plan = plan_controls()
    job = training_progress(plan)
    shown = job.plan if job is not None else plan
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        example = example_controls(shown)
        share = st.container(width="content")
    answer = st.container(key="answer_place")
    if job is not None and job.snapshots:
        moment_slider(job)
        model = trained_model(job)
    else:
        model = untrained_model(shown)
    run = run_of(RunChoice(model, example), results.source_of(example))
    with st.sidebar:
        view = view_controls(run.trace)
    main_view(run, view, Frame(share, answer))


shell.show_errors(train)
address.write_url()
