"""Train: pick a task and a cell, watch it learn, and slide through what its gates became."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, results, shell
from rnnviz.ui.controls.main_view import Frame, main_view, picture_columns
from rnnviz.ui.controls.training import (
    example_controls,
    moment_slider,
    plan_controls,
    shown_network,
    trained_model,
    untrained_model,
)
from rnnviz.ui.controls.training_progress import training_progress
from rnnviz.ui.controls.view_options import view_controls
from rnnviz.ui.controls.widgets import expert_drawer
from rnnviz.ui.run import run_of
from rnnviz.ui.selections import RunChoice


def train() -> None:
    """The Train page: the plan, its progress, the moment, the view of it."""
    plan = plan_controls()
    job = training_progress(plan)
    shown = job.plan if job is not None else plan
    left, right = picture_columns()
    with left:
        example = example_controls(shown)
        model = untrained_model(shown)
        if job is not None and job.snapshots:
            moment_slider(job)
            model = trained_model(job)
        shown_network(shown, job)
    with right:
        with st.container(horizontal=True, key="page_tools"):
            share, expert = st.container(width="content"), expert_drawer()
        answer = st.container(key="answer_place")
    run = run_of(RunChoice(model, example), results.source_of(example))
    with expert:
        view = view_controls(run.trace)
    main_view(run, view, Frame(left, right, answer, share))


shell.show_errors(train)
address.write_url()
