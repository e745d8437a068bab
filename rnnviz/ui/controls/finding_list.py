"""List of published findings as cards, measured one after the other while the page stands open."""

from __future__ import annotations

import time

import streamlit as st

from rnnviz.findings.registry import FINDINGS
from rnnviz.ui import state
from rnnviz.ui.controls.finding_card import finding_card
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.finding_jobs import FindingJob, finding_jobs
from rnnviz.ui.text import t

_N_COLUMNS = 2
# What is measured within this, in seconds, shows no progress at all.
_QUICK = 0.3


def finding_choice() -> list[str]:
    """The keys of the findings to show: all of them, or the chosen one."""
    options = ["", *FINDINGS]
    state.fall_back("finding", options)
    select("finding", options, text=_title, is_labelled=False, has_help=False)
    chosen = state.text_of("finding")
    return [chosen] if chosen else list(FINDINGS)


def finding_cards(keys: list[str]) -> None:
    """A card for each finding, drawn again while one of them is measured."""
    jobs = finding_jobs(keys)
    end = time.monotonic() + _QUICK
    for job in jobs:
        job.wait(max(0.0, end - time.monotonic()))
    is_alive = _is_any_alive(jobs)
    st.fragment(_cards, run_every=1.0 if is_alive else None)(jobs, is_alive)


def _cards(jobs: list[FindingJob], was_alive: bool) -> None:
    _summary(jobs)
    n_columns = min(_N_COLUMNS, len(jobs))
    for row in range(0, len(jobs), n_columns):
        cards = jobs[row : row + n_columns]
        for column, job in zip(st.columns(n_columns), cards, strict=False):
            with column:
                finding_card(job)
    if _is_any_alive(jobs) != was_alive:
        st.rerun()


def _summary(jobs: list[FindingJob]) -> None:
    """How many hold, and while some are not measured, of how many."""
    results = [job.result for job in jobs if job.result is not None]
    if len(jobs) > 1:
        hold = sum(one.holds for one in results)
        facts = {"hold": hold, "count": len(results), "total": len(jobs)}
        st.markdown(f"**{t(_summary_key(**facts), **facts)}**")


def _summary_key(hold: int, count: int, total: int) -> str:
    if count == total:
        return "reproduce.summary"
    if not count:
        return "reproduce.none_yet"
    return "reproduce.so_far_all" if hold == count else "reproduce.so_far"


def _is_any_alive(jobs: list[FindingJob]) -> bool:
    return any(job.is_alive for job in jobs)


def _title(key: str) -> str:
    return t(f"finding.{key}") if key else t("reproduce.all")
