"""Card of a published finding: what it claims, what was measured, whether it holds, its source."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from rnnviz.figures.plotly_json import to_page
from rnnviz.findings.finding import PublishedFinding
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.i18n import has_word
from rnnviz.train.presets import preset
from rnnviz.ui import shell, state
from rnnviz.ui.choices import ALL_CHOICES
from rnnviz.ui.controls.widgets import job_status, show_chart, text_button
from rnnviz.ui.finding_jobs import FindingJob
from rnnviz.ui.text import escape_markdown, t, warn


def finding_card(job: FindingJob) -> None:
    """The card of a finding as its measurement stands now."""
    one, result = job.finding, job.result
    with st.container(border=True, height="stretch", key=f"card_{one.key}"):
        st.markdown(f"## {t(f'finding.{one.key}')}")
        st.markdown(t(f"finding.{one.key}.claim"))
        if job.is_alive:
            done, total = job.progress
            st.progress(done / total, text=job_status(job, _status_text))
        elif job.error is not None:
            warn(job.error)
        elif result is not None:
            _measured(one, result)
        st.caption(t(f"finding.{one.key}.caveat"))
        _source(one)
        _buttons(job)


def _measured(one: PublishedFinding, result: FindingResult) -> None:
    """Verdict, numbers and figure."""
    if result.holds:
        st.badge(t("reproduce.holds"), icon=":material/check:", color="green")
    else:
        st.badge(t("reproduce.not"), icon=":material/close:", color="orange")
    st.markdown("\n".join(f"- {_number(one.key, number)}" for number in result.numbers))
    if result.view is not None:
        draw = import_module(f"rnnviz.figures.{result.view.drawing}").figure
        figure = to_page(draw(result.view, shell.look()))
        show_chart(figure, f"finding_{one.key}", alt=t(f"finding.{one.key}.claim"))


def _number(key: str, one: MeasuredNumber) -> str:
    """A number with what it should be and what the paper has."""
    said = [f"{t(f'finding.{key}.{one.name}')}: **{one.written(one.value)}**"]
    if one.is_asked:
        sign = "check" if one.holds else "close"
        said.append(f"{t('reproduce.asked', criterion=one.criterion)} :material/{sign}:")
    if one.published is not None:
        said.append(t("reproduce.published", number=one.written(one.published)))
    return " · ".join(said)


def _source(one: PublishedFinding) -> None:
    """The paper, where in it, and the networks that were measured."""
    paper = escape_markdown(str(one.publication))
    said = f"[{paper}]({one.publication.link})" if one.publication.link else paper
    place = f"finding.{one.key}.place"
    models = [escape_markdown(preset(name).title[state.language()]) for name in one.models]
    lines = [
        t("reproduce.source", paper=said),
        *([t(place)] if has_word(place, state.language()) else []),
        *([t("reproduce.models", models=t("reproduce.and").join(models))] if models else []),
    ]
    st.caption("  \n".join(lines))


def _buttons(job: FindingJob) -> None:
    one = job.finding
    with st.container(horizontal=True, vertical_alignment="center", key=f"buttons_{one.key}"):
        again = t("reproduce.again")
        text_button(
            again, f"again_{one.key}", job.start, icon=":material/replay:", disabled=job.is_alive
        )
        chosen = {name: ALL_CHOICES[name].read(text) for name, text in one.choices.items()}
        label, icon = t(f"reproduce.open.{one.page}"), ":material/arrow_forward:"
        shell.page_button(one.page, label, icon, key=f"open_{one.key}", **chosen)
        if job.result is not None:
            st.caption(t("reproduce.took", seconds=f"{job.seconds:.2g}"))
    st.code(f'rv.findings.reproduce("{one.key}")', language="python")


def _status_text(status: str, **facts: object) -> str:
    return t(f"reproduce.{status}", **facts)
