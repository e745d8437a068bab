"""A search for units on its way: its progress, and a button that ends it."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.found_units import FoundUnits
from rnnviz.ui.controls.widgets import job_status
from rnnviz.ui.search_jobs import UnitSearch, unit_search
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.text import t, warn

# What is found within this, in seconds, shows no progress at all.
_QUICK = 1.0


def finished_search(run: RunChoice, layer: int, where: str, own: str) -> FoundUnits | None:
    """What was found; None, its progress drawn, while it is searched for or where it failed."""
    job = unit_search(run, layer, where, own)
    job.wait(_QUICK)
    if job.found is None:
        is_alive = job.is_alive
        st.fragment(_progress, run_every=0.5 if is_alive else None)(job, is_alive)
    return job.found


def _progress(job: UnitSearch, was_alive: bool) -> None:
    """Progress of the job, drawn again while it runs; the page is drawn again when it ends."""
    if job.error is not None:
        warn(job.error)
    else:
        with st.container(horizontal=True, vertical_alignment="center", key="search"):
            _button(job)
            st.progress(job.fraction, text=job_status(job, _status_text))
    if job.is_alive != was_alive:
        st.rerun()


def _button(job: UnitSearch) -> None:
    label, icon, act = "search.again", ":material/play_arrow:", job.start
    if job.is_alive:
        label, icon, act = "search.stop", ":material/stop:", job.stop
    st.button(t(label), icon=icon, on_click=act, key="search_button")


def _status_text(status: str, **facts: object) -> str:
    return t(f"search.{status}", **facts)
