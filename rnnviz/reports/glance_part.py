"""First part of a report: its five answers at a glance."""

from __future__ import annotations

import numpy as np

from rnnviz.formatting import token_label
from rnnviz.reports.findings import findings
from rnnviz.reports.markup import percent, quoted, said
from rnnviz.reports.memory_part import reach_html
from rnnviz.reports.reading_part import grade_html
from rnnviz.reports.subject import ReportSubject


def glance_html(subject: ReportSubject, language: str) -> str:
    """Cards that lead to the parts."""
    cards = (
        ("reading", *_reading(subject, language)),
        ("health", _health(subject, language), ""),
        ("memory", *_memory(subject, language)),
        ("relevance", *_relevance(subject, language)),
        ("window", _steps(subject), _score(subject, language)),
    )
    return "".join(
        f'<a class="card" href="#{name}"><span>{said(f"report.glance.{name}", language)}</span>'
        f"<b>{value}</b><span>{note}</span></a>"
        for name, value, note in cards
    )


def _reading(subject: ReportSubject, language: str) -> tuple[str, str]:
    if subject.certainty is None:
        return said("report.in_python", language), ""
    count = len(subject.certainty.assumptions)
    taken = said("report.glance.taken", language, n=str(count)) if count else ""
    return grade_html(subject, language), taken


def _health(subject: ReportSubject, language: str) -> str:
    count = len(list(findings(subject, language)))
    if count == 0:
        return said("report.glance.fine", language)
    return said(f"report.glance.{'one_found' if count == 1 else 'found'}", language, n=str(count))


def _memory(subject: ReportSubject, language: str) -> tuple[str, str]:
    longest = max(subject.found.fading, key=lambda one: (one.is_known, one.reach))
    return reach_html(longest, language), said("report.glance.left", language)


def _relevance(subject: ReportSubject, language: str) -> tuple[str, str]:
    told = subject.found.relevance
    if not len(told.names) or np.isnan(told.shares[0]):
        return "–", ""
    key = "report.glance.moves" if np.isnan(told.output).all() else "report.glance.moves_output"
    return quoted(token_label(told.names[0])), said(key, language, share=percent(told.shares[0]))


def _steps(subject: ReportSubject) -> str:
    profile = subject.found.profile
    return f'<span class="whole">{profile.start + 1:,}–{profile.stop:,}</span>'


def _score(subject: ReportSubject, language: str) -> str:
    return said(f"report.glance.{subject.found.profile.score}", language)
