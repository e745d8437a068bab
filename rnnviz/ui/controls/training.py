"""A training on the page: its plan, its progress with stop and go on, and the moments it kept."""

from __future__ import annotations

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.training_curves import TrainingCurves
from rnnviz.figures.training_curves import figure as training_curves_figure
from rnnviz.train.loop import TrainingConfig
from rnnviz.train.saved_model import EXAMPLE_SEED, example_of, saved_model
from rnnviz.train.tasks import TASKS
from rnnviz.ui import choices, shell, state, training_jobs
from rnnviz.ui.controls.widgets import (
    job_status,
    moment_field,
    number_field,
    select,
    select_cell,
    show_chart,
    text_field,
)
from rnnviz.ui.export_code import weights_file
from rnnviz.ui.selections import (
    InputChoice,
    OpenedModel,
    TaskExample,
    TrainedModel,
    TypedText,
    UntrainedModel,
)
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.training_jobs import TrainingJob

MAX_TRAINING_TEXT = 500
_JOB = "job"
_SHOWN = "job_shown"


def plan_controls() -> TrainingConfig:
    """Task, cell, size and length of the training, in the sidebar."""
    st.markdown(f"#### {t('group.training')}")
    select("task", tuple(TASKS))
    st.caption(t(f"task.{state.get('task')}.about"))
    select_cell("learner")
    left, right = st.columns(2)
    with left:
        number_field("width", 2, 128, label="units")
    with right:
        number_field("rounds", 20, 5_000, step=100)
    left, right = st.columns(2)
    with left:
        _rate()
    with right:
        number_field("start", 0, choices.MAX_SEED, label="seed")
    return _plan()


def training_progress(plan: TrainingConfig) -> TrainingJob | None:
    """Buttons, progress and curves of this session's training; None before the first."""
    job = _job()
    if job is None or job.plan != plan:
        _begin(plan, is_first=job is None)
    if job is not None:
        # While it goes on, this part of the page alone draws itself again.
        st.fragment(_progress, run_every=1.0 if job.is_alive else None)(job)
    return job


def kept_training() -> TrainingJob | None:
    """This session's training, once it has moments to show."""
    try:
        job = training_jobs.training_job(st.session_state[_JOB])
    except (KeyError, RnnvizError):
        return None
    return job if job.snapshots else None


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
    shown = kept[state.get("moment")]
    facts = {"step": f"{shown.step:,}", "value": f"{shown.metric:.3f}"}
    st.caption(t("moment.metric", metric=t(f"curve.{job.plan.task.metric}"), **facts))


def trained_model(job: TrainingJob) -> OpenedModel:
    """The model at the chosen moment."""
    return OpenedModel(TrainedModel(job.name, state.get("moment") % len(job.snapshots)))


def untrained_model(plan: TrainingConfig) -> OpenedModel:
    """The network before its first step."""
    return OpenedModel(UntrainedModel(plan.task_name, plan.cell_name, plan.units, plan.seed))


def _rate() -> None:
    select("rate", choices.RATES, text=lambda rate: rate or t("rate.own"))


def _plan() -> TrainingConfig:
    rate = state.get("rate")
    return TrainingConfig(
        task_name=state.get("task"),
        cell_name=state.get("learner"),
        units=state.get("width"),
        steps=state.get("rounds"),
        rate=float(rate) if rate else None,
        seed=state.get("start"),
    )


def _job() -> TrainingJob | None:
    name = st.session_state.get(_JOB)
    if name is None:
        return None
    try:
        return training_jobs.training_job(name)
    except RnnvizError as error:
        st.session_state.pop(_JOB)
        warn(error)
        return None


def _begin(plan: TrainingConfig, *, is_first: bool) -> None:
    if is_first:
        st.markdown(t("train.about"))
    st.button(
        t("train.begin"),
        icon=":material/play_arrow:",
        type="primary",
        on_click=_start,
        args=(plan,),
    )


def _start(plan: TrainingConfig) -> None:
    before = _job()
    try:
        job = training_jobs.start_training(plan)
    except RnnvizError as error:
        state.put(job_notice=error)
        return
    if before is not None:
        before.stop()
    state.restore_defaults("moment", "says", "layer", "only", "show")
    state.put(**{_JOB: job.name, "job_notice": None})
    state.move_cursor(None)


def _progress(job: TrainingJob) -> None:
    if notice := st.session_state.get("job_notice"):
        warn(notice)
    with st.container(horizontal=True, vertical_alignment="center", key="training"):
        _buttons(job)
        done, total = job.progress
        st.progress(done / total, text=job_status(job, _status_text))
    if job.error is not None:
        warn(job.error)
    show_chart(_curves(job), "curves", alt=t("curve.alt"))
    _rerun_when_grown(job)


def _rerun_when_grown(job: TrainingJob) -> None:
    """Rerun the page for every moment kept, and when the training has ended."""
    stands = (job.name, job.status, len(job.snapshots))
    if st.session_state.get(_SHOWN) != stands:
        st.session_state[_SHOWN] = stands
        st.rerun()


def _buttons(job: TrainingJob) -> None:
    if job.is_alive:
        st.button(t("train.stop"), icon=":material/stop:", on_click=job.stop, key="train_stop")
    elif not job.is_done and job.error is None:
        st.button(t("train.go"), icon=":material/play_arrow:", on_click=job.start, key="train_go")
    if job.snapshots and not job.is_alive:
        st.download_button(
            t("train.save"),
            data=lambda: saved_model(job.snapshots[-1].model, job.plan),
            file_name=weights_file(job.plan),
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key="train_save",
        )


def _curves(job: TrainingJob) -> object:
    task = job.plan.task
    history = job.history
    view = TrainingCurves(
        [(one.step, one.loss) for one in history],
        [(one.step, one.metric) for one in job.snapshots],
        metric=task.metric,
        chance=task.chance,
        steps=job.plan.steps,
    )
    return to_page(training_curves_figure(view, shell.look()))


def _status_text(status: str, **facts: object) -> str:
    return t(f"train.{status}", **facts)
