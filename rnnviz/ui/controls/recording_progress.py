"""A long sequence on its way to the picture: recorded beside the page, with progress and stop."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import results, state, visible_range
from rnnviz.ui.build import is_long
from rnnviz.ui.controls.job_progress import is_done
from rnnviz.ui.controls.widgets import job_status
from rnnviz.ui.recording_jobs import RecordingJob, Viewer
from rnnviz.ui.result_jobs import trace_job
from rnnviz.ui.run import ShownRun, run_of
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.text import t, warn

# What is recorded within this, in seconds, shows no progress at all.
QUICK = 0.3
_VIEWER = "viewer"


def shown_run(choice: RunChoice, source: SequenceSource) -> ShownRun | None:
    """The run to show: of a short input at once, of a long one its window.

    None while a long input is recorded, or a large model computes: its progress is drawn, and a
    skeleton in the picture's place. Raises RnnvizError for an input that the model cannot read.
    """
    if not is_long(source):
        _viewer().leave()
        if not results.is_traced(choice) and not is_done(trace_job(choice), "trace"):
            _skeleton()
            return None
    elif not _is_recorded(choice, source):
        _skeleton()
        return None
    return _windowed(choice, source)


def _windowed(choice: RunChoice, source: SequenceSource) -> ShownRun:
    if is_long(source):
        choice = replace(choice, window=visible_range.chosen_range(source.n_steps))
    return run_of(choice, source)


def _skeleton() -> None:
    """Grey bars in the picture's place while there is none."""
    with st.container(key="skeleton"):
        st.html(f'<div role="img" aria-label="{t("record.skeleton")}"></div>' * 3)


def _is_recorded(choice: RunChoice, source: SequenceSource) -> bool:
    """True when the recording is done; its progress is drawn while it is not."""
    job = _job(choice, source)
    if job is None:
        return False
    if job.recording is None:
        is_alive = job.is_alive
        st.fragment(_progress, run_every=0.5 if is_alive else None)(job, is_alive)
    return job.recording is not None


def _viewer() -> Viewer:
    viewer = st.session_state.get(_VIEWER)
    if viewer is None:
        viewer = Viewer()
        state.put(**{_VIEWER: viewer})
    return viewer


def _job(choice: RunChoice, source: SequenceSource) -> RecordingJob | None:
    viewer, name = _viewer(), results.recording_name(choice)
    before = viewer.job
    try:
        model = results.model_of(choice.model, len(source.features))
        job = viewer.watch(name, model, source, choice.model.backend)
    except RnnvizError as error:
        warn(error)
        return None
    if job is not before:
        job.wait(QUICK)
    return job


def _progress(job: RecordingJob, was_alive: bool) -> None:
    """Progress of the job, drawn again while it runs; the page is drawn again when it ends."""
    with st.container(horizontal=True, vertical_alignment="center", key="recording"):
        _button(job)
        st.progress(job.fraction, text=job_status(job, _status_text))
    if job.error is not None:
        warn(job.error)
    if job.is_alive != was_alive:
        st.rerun()


def _button(job: RecordingJob) -> None:
    if job.is_alive:
        st.button(t("record.stop"), icon=":material/stop:", on_click=job.stop, key="record_stop")
    else:
        st.button(
            t("record.again"),
            icon=":material/play_arrow:",
            type="primary",
            on_click=job.start,
            key="record_again",
        )


def _status_text(status: str, **facts: object) -> str:
    return t(f"record.{status}", **facts)
