"""Card of a published finding: what it claims, what was measured, whether it holds, its source."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from rnnviz.figures.plotly_json import to_page
from rnnviz.findings.finding import PublishedFinding
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.i18n import has_word, sentences
from rnnviz.train.presets import preset
from rnnviz.ui import shell, state
from rnnviz.ui.choices import ALL_CHOICES
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.widgets import job_status, show_chart, text_button
from rnnviz.ui.finding_jobs import FindingJob
from rnnviz.ui.text import escape_markdown, t, warn


def finding_card(job: FindingJob) -> None:
    """The card of a finding as its measurement stands now."""
    one, result = job.finding, job.result
    with st.container(border=True, height="stretch", key=f"card_{one.key}"):
        st.markdown(f"## {t(f'finding.{one.key}')}")
        st.markdown(t(f"finding.{one.key}.claim"))
        if job.error is not None:
            warn(job.error)
        if result is not None:
            _measured(one, result)
        elif job.is_alive:
            done, total = job.progress
            st.progress(done / total, text=job_status(job, _status_text))
        st.caption(t(f"finding.{one.key}.caveat"))
        st.caption(_limits(one))
        _source(one)
        _again(job)
        _openers(one)
        st.code(f'rv.findings.reproduce("{one.key}")', language="python", wrap_lines=True)


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


def _limits(one: PublishedFinding) -> str:
    """What the limits rest on, and whether one came after first numbers."""
    late = t("reproduce.limits_late") if one.is_limit_late else ""
    return sentences(
        [t("reproduce.limits", limits=t(f"finding.{one.key}.limits")), late], state.language()
    )


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


def _again(job: FindingJob) -> None:
    """The button that measures again, and beside it how that goes or how long it took."""
    key = job.finding.key
    with st.container(horizontal=True, vertical_alignment="center", key=f"buttons_{key}"):
        icon, label = ":material/replay:", t("reproduce.again")
        text_button(label, f"again_{key}", job.start, icon=icon, disabled=job.is_alive)
        if job.result is not None:
            took = t("reproduce.took", seconds=f"{job.seconds:.2g}")
            stands = job_status(job, _status_text) if job.is_alive else took
            # As many words while it runs, so that the card stays as high.
            st.caption(f"{stands} · {t('reproduce.seeds')}")


def _openers(one: PublishedFinding) -> None:
    """A button for each network that was measured, and what one sees of the finding there."""
    chosen = {name: ALL_CHOICES[name].read(text) for name, text in one.choices.items()}
    label, icon = t(f"reproduce.open.{one.page}"), ":material/arrow_forward:"
    with st.container(horizontal=True, gap="xsmall", key=f"openers_{one.key}"):
        for name in one.models:
            named = t("reproduce.open.model", open=label, model=model_title(f"preset:{name}"))
            own = {"model": f"preset:{name}", **chosen}
            shell.page_button(one.page, named, icon, key=f"open_{one.key}_{name}", **own)
        if not one.models:
            shell.page_button(one.page, label, icon, key=f"open_{one.key}", **chosen)
    st.caption(_opened(one))


def _opened(one: PublishedFinding) -> str:
    """What the page shows that is opened."""
    view, own = one.choices.get("understand"), f"finding.{one.key}.opens"
    said = [
        t("reproduce.shows", view=t(f"understand.{view}")) if view else "",
        t(own) if has_word(own, state.language()) else "",
    ]
    return sentences(said, state.language())


def _status_text(status: str, **facts: object) -> str:
    return t(f"reproduce.{status}", **facts)
