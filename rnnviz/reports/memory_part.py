"""Part of a report on how far back a model remembers."""

from __future__ import annotations

from rnnviz.analysis.fading import Fading
from rnnviz.figures.fading import figure
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.reports.drawing import drawing
from rnnviz.reports.markup import paragraph, said, table, table_number
from rnnviz.reports.subject import ReportSubject

_QUANTILES = ("q10", "q50", "q90")


def memory_html(subject: ReportSubject, language: str) -> str:
    """What is left of one changed step, and the time scales of the gates."""
    view, look = subject.found.fading, Look(language)
    names = [subject.layer(one.layer, language) for one in view]
    facts = {"places": str(subject.found.n_followed), "steps": f"{len(view[0].left) - 1:,}"}
    alt = word("report.memory.alt", language)
    return (
        paragraph(said("report.memory.how", language, **facts))
        + drawing(lambda: figure(view, names, look), alt)
        + _table(subject, language)
        + paragraph(said("report.memory.caveat", language), "soft")
    )


def reach_html(one: Fading, language: str) -> str:
    """Steps that a change is remembered for, as HTML."""
    if not one.is_known:
        return "–"
    kind = "whole" if one.is_whole else "step" if one.reach == 1 else "steps"
    return said(f"report.reach.{kind}", language, n=f"{one.reach:,}")


def _table(subject: ReportSubject, language: str) -> str:
    rows = []
    for one in subject.found.fading:
        numbers = subject.numbers_of(one.layer)
        scales = [numbers.get(f"timescale.{q}") for q in _QUANTILES]
        cells = ["–" if scale is None else table_number(scale) for scale in scales]
        rows.append([subject.layer(one.layer, language), reach_html(one, language), *cells])
    head = ("report.layers", "report.reach", *(f"report.timescale.{q}" for q in _QUANTILES))
    return table([said(key, language) for key in head], rows, "numbers")
