"""A training's plan, and the network that the Train page shows: its input, its moment, its name."""

from __future__ import annotations

import streamlit as st

from rnnviz.train.loop import TrainingConfig
from rnnviz.train.saved_model import EXAMPLE_SEED, example_of, saved_model
from rnnviz.ui import choices, places, shell, state
from rnnviz.ui.controls.widgets import moment_field, number_field, select, select_cell, text_field
from rnnviz.ui.export_code import weights_file
from rnnviz.ui.own_training import TRAINING
from rnnviz.ui.selections import (
    InputChoice,
    OpenedModel,
    TaskExample,
    TrainedModel,
    TypedText,
    UntrainedModel,
)
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.training_jobs import TrainingJob

MAX_TRAINING_TEXT = 500


def plan_controls() -> TrainingConfig:
    """Task, cell, size and length of the training, in one row."""
    with st.container(key="plan"):
        task, cell, units, rounds, rate, seed = st.columns([2.2, 1.8, 1, 1.1, 1.2, 1])
    with task:
        select("task", choices.TRAINED_TASKS)
    with cell:
        select_cell("learner")
    with units:
        number_field("width", 2, 128, label="units")
    with rounds:
        number_field("rounds", 20, 5_000, step=100)
    with rate:
        select("rate", choices.RATES, text=lambda rate: rate or t("rate.own"))
    with seed:
        number_field("start", 0, choices.MAX_SEED, label="seed")
    st.caption(t(f"task.{state.get('task')}.about"))
    return _plan()


def example_controls(plan: TrainingConfig) -> InputChoice:
    """The input of the network at all moments of its training."""
    task = plan.task
    if task.vocabulary:
        example = example_of(task)
        text_field("says", MAX_TRAINING_TEXT, placeholder=example)
        text = state.text_of("says") or example
        unknown = sorted(set(text) - set(task.vocabulary))
        if not unknown:
            return TypedText(text, "characters")
        st.warning(t("task.unknown", came=escape_markdown(" ".join(unknown[:9]))))
    return TaskExample(task.name, EXAMPLE_SEED)


def moment_slider(job: TrainingJob) -> None:
    """The slider over training time; a training that runs shows its latest moment."""
    kept = job.snapshots
    options = [*range(len(kept) - 1), -1]
    if job.is_alive or len(options) < 2:
        state.put(moment=-1)
    else:
        state.fall_back("moment", [-1, *options])
        moment_field("moment", [one.step for one in kept])


def trained_model(job: TrainingJob) -> OpenedModel:
    """The model at the chosen moment."""
    return OpenedModel(TrainedModel(job.name, state.get("moment") % len(job.snapshots)))


def untrained_model(plan: TrainingConfig) -> OpenedModel:
    """The network before its first step."""
    return OpenedModel(UntrainedModel(plan.task_name, plan.cell_name, plan.units, plan.seed))


def shown_network(plan: TrainingConfig, job: TrainingJob | None) -> None:
    """Sentence on which network the picture is of, and the ways to take it elsewhere."""
    st.markdown(_shown_sentence(plan, job))
    if job is not None and job.snapshots and not job.is_alive:
        with st.container(horizontal=True, vertical_alignment="center", key="shown_network"):
            _take(job)


def _take(job: TrainingJob) -> None:
    """The buttons that read with the network, and that save it."""
    if st.button(t("train.read"), icon=":material/open_in_full:", key="train_read"):
        places.bring(model=TRAINING, moment=state.get("moment"), says=state.get("says"))
        st.switch_page(shell.page_file("read"))
    st.download_button(
        t("train.save"),
        data=lambda: saved_model(job.snapshots[-1].model, job.plan),
        file_name=weights_file(job.plan),
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="train_save",
    )


def _shown_sentence(plan: TrainingConfig, job: TrainingJob | None) -> str:
    facts = {
        "task": t(f"task.{plan.task_name}"),
        "cell": t(f"cell.{plan.cell_name}"),
        "units": plan.units,
    }
    shown = job.snapshots[state.get("moment")] if job is not None and job.snapshots else None
    if shown is None or not shown.step:
        return t("train.shown.untrained", **facts)
    metric = t(f"curve.{plan.task.metric}")
    measured = {"metric": metric, "value": f"{shown.metric:.3f}"}
    steps = {"step": f"{shown.step:,}", "steps": f"{plan.steps:,}"}
    return t("train.shown", **facts, **steps, **measured)


def _plan() -> TrainingConfig:
    rate = state.get("rate")
    return TrainingConfig(
        task_name=state.get("task"),
        cell_name=state.get("learner"),
        units=state.get("width"),
        steps=state.get("rounds"),
        rate=float(rate) if rate else None,
        seed=state.get("start"),
        # Its rate stays, so that the training can be made longer.
        cools=False,
    )
