"""A job on its way: how far it is, and a button that ends it or begins it again."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.controls.widgets import job_status
from rnnviz.ui.text import t, warn
from rnnviz.ui.watched_job import WatchedJob, Watcher

# What is done within this, in seconds, shows no progress at all.
_QUICK = 1.0
_WATCHER = "watcher"


def is_done(job: WatchedJob, words: str) -> bool:
    """True when a job is done; its progress is drawn while it is not, and why it failed.

    words  for what it does are those at `job.WORDS.begun` and `job.WORDS.running`.
    """
    watcher = _watcher()
    is_new = watcher.job is not job
    watcher.look_at(job)
    # Who comes later to one that was given up begins it again, who stopped it does not.
    if is_new and job.status != "done" and job.error is None:
        job.start()
    job.wait(_QUICK if is_new else 0.0)
    if job.status == "done":
        return True
    is_alive = job.is_alive
    st.fragment(_progress, run_every=0.5 if is_alive else None)(job, words, is_alive)
    return False


def look_at_none() -> None:
    """Give up the job that this session looked at."""
    _watcher().leave()


def _watcher() -> Watcher:
    watcher = st.session_state.get(_WATCHER)
    if watcher is None:
        watcher = Watcher()
        state.put(**{_WATCHER: watcher})
    return watcher


def _progress(job: WatchedJob, words: str, was_alive: bool) -> None:
    """Progress of the job, drawn again while it runs; the page is drawn again when it ends."""
    if job.error is not None:
        warn(job.error)
    with st.container(horizontal=True, vertical_alignment="center", key="job"):
        _button(job)
        text = _text(job, words)
        if job.fraction:
            st.progress(job.fraction, text=text)
        else:
            st.markdown(text)
    if job.is_alive != was_alive:
        st.rerun()


def _button(job: WatchedJob) -> None:
    label, icon, act = "job.again", ":material/play_arrow:", job.start
    if job.is_alive:
        label, icon, act = "job.stop", ":material/stop:", job.stop
    st.button(t(label), icon=icon, on_click=act, key="job_button")


def _text(job: WatchedJob, words: str) -> str:
    """What is done and how far it is, or for how long where that is not known."""

    def status_text(status: str, **facts: object) -> str:
        if status in ("begun", "running"):
            return t(f"job.{words}.{status}", **facts)
        return t(f"job.{status}", **facts)

    if job.status == "running" and not job.fraction:
        return status_text("begun", took=round(job.seconds))
    return job_status(job, status_text)
