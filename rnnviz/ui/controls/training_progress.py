"""A training at work on the page: begun, stopped, gone on with, made longer, and its curves."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.symptoms import symptoms
from rnnviz.errors import RnnvizError
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.saturation_curves import SaturationCurves
from rnnviz.figures.saturation_curves import figure as saturation_figure
from rnnviz.figures.training_curves import TrainingCurves
from rnnviz.figures.training_curves import figure as training_curves_figure
from rnnviz.train.loop import TrainingConfig
from rnnviz.ui import shell, state, training_jobs
from rnnviz.ui.controls.widgets import job_status, show_chart
from rnnviz.ui.own_training import keep_training, lost_training, own_training
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.training_health import saturated_shares
from rnnviz.ui.training_jobs import TrainingJob

_SHOWN = "job_shown"
_NOTICE = "job_notice"


def training_progress(plan: TrainingConfig) -> TrainingJob | None:
    """Buttons, progress and curves of this session's training; None before the first."""
    job = own_training()
    if job is None:
        if error := lost_training():
            warn(error)
        _notice()
        with st.container(horizontal=True, vertical_alignment="center", key="training"):
            _begin(plan)
            st.markdown(t("train.about"))
        return None
    # While it goes on, this part of the page alone draws itself again.
    st.fragment(_progress, run_every=1.0 if job.is_alive else None)(job, plan)
    return job


def _progress(job: TrainingJob, plan: TrainingConfig) -> None:
    _notice()
    left, middle, right = st.columns([2, 3, 2], gap="medium")
    with left:
        done, total = job.progress
        st.progress(done / total, text=job_status(job, _status_text))
        with st.container(horizontal=True, vertical_alignment="center", key="training"):
            _buttons(job, plan)
        if job.error is not None:
            warn(job.error)
    with middle:
        show_chart(_curves(job), "curves", alt=t("curve.alt"))
    with right:
        _saturation(job)
        _symptoms(job)
    _rerun_when_grown(job)


def _buttons(job: TrainingJob, plan: TrainingConfig) -> None:
    """Stop while it runs; else how to go on with it, or how to begin what is chosen now."""
    if job.is_alive:
        st.button(t("train.stop"), icon=":material/stop:", on_click=job.stop, key="train_stop")
        if plan != job.begun:
            st.caption(f":material/schedule: {t('train.next')}")
        return
    if not job.is_done and job.error is None:
        st.button(t("train.go"), icon=":material/play_arrow:", on_click=job.start, key="train_go")
    elif job.longer:
        longer = t("train.longer", steps=f"{job.longer:,}")
        st.button(longer, icon=":material/add:", on_click=job.train_longer, key="train_longer")
    if plan != job.begun or job.error is not None:
        _begin(plan)


def _begin(plan: TrainingConfig) -> None:
    st.button(
        t("train.begin"),
        icon=":material/play_arrow:",
        type="primary",
        on_click=_start,
        args=(plan,),
        key="train_begin",
    )


def _start(plan: TrainingConfig) -> None:
    before = own_training()
    # A second click comes before the button is gone.
    if before is not None and before.is_alive:
        return
    try:
        job = training_jobs.start_training(plan)
    except RnnvizError as error:
        state.put(**{_NOTICE: error})
        return
    state.restore_defaults("moment", "says", "layer", "only", "show")
    keep_training(job)
    state.put(**{_NOTICE: None})
    state.move_cursor(None)


def _notice() -> None:
    if notice := st.session_state.get(_NOTICE):
        warn(notice)


def _rerun_when_grown(job: TrainingJob) -> None:
    """Rerun the page for every moment kept, when the training ends, and for another one."""
    stands = (job.name, job.status, len(job.snapshots))
    is_other = own_training() is not job
    if is_other or st.session_state.get(_SHOWN) != stands:
        st.session_state[_SHOWN] = stands
        st.rerun()


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


def _saturation(job: TrainingJob) -> None:
    curves: dict[str, list[tuple[int, float]]] = {}
    for one, numbers in zip(job.snapshots, job.health, strict=False):
        for signal, share in saturated_shares(numbers).items():
            curves.setdefault(signal, []).append((one.step, share))
    if curves:
        drawn = saturation_figure(SaturationCurves(curves, job.plan.steps), shell.look())
        show_chart(to_page(drawn), "saturation", alt=t("curve.saturated_alt"))


def _symptoms(job: TrainingJob) -> None:
    """Symptoms of the model that was kept last, each in a sentence."""
    if not job.snapshots or not job.health:
        return
    found = symptoms(job.health[-1])
    step = f"{job.snapshots[-1].step:,}"
    said = [one.text(state.language()) for one in found] or [t("train.no_symptoms")]
    with st.container(key="symptoms"):
        for sentence in said:
            st.caption(t("train.health", step=step, said=escape_markdown(sentence)))


def _status_text(status: str, **facts: object) -> str:
    return t(f"train.{status}", **facts)
