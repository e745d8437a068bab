"""Part of a report on what was read, of model and data, and how sure that is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import numpy as np

from rnnviz.formatting import token_label
from rnnviz.i18n import sentences, word
from rnnviz.inputs.choices import is_changeable
from rnnviz.inputs.decision import Decision
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.row_text import row_text
from rnnviz.reports.markup import (
    bullets,
    listed_names,
    paragraph,
    quoted,
    said,
    table,
    table_number,
)
from rnnviz.reports.subject import ReportSubject

_FEATURES, _VALUE, _CHOICES = 30, 400, 4


def reading_html(subject: ReportSubject, language: str) -> str:
    """The model's reading and the data's, side by side where the page is wide."""
    model = f"<h3>{said('report.model', language)}</h3>{_model(subject, language)}"
    data = f"<h3>{said('report.data', language)}</h3>{_data(subject, language)}"
    return f'<div class="two"><div>{model}</div><div>{data}</div></div>'


def grade_html(subject: ReportSubject, language: str) -> str:
    """The grade of the model's reading as a badge, "" for a model made in Python."""
    if subject.certainty is None:
        return ""
    grade = subject.certainty.grade
    return f'<span class="badge {grade}">{said(f"grade.{grade}", language)}</span>'


def _model(subject: ReportSubject, language: str) -> str:
    certainty = subject.certainty
    if certainty is None:
        sure = paragraph(said("report.made_in_python", language))
    elif certainty.assumptions:
        assumed = (_assumption(one, subject, language) for one in certainty.assumptions)
        sure = paragraph(f"{grade_html(subject, language)} {said('report.assumed', language)}")
        sure += bullets(assumed)
    else:
        reason = quoted(certainty.reason(language), _VALUE)
        sure = paragraph(f"{grade_html(subject, language)} {reason}")
    rows = [
        (
            said(f"fact.{row.name}", language),
            quoted(row_text(row, language), _VALUE),
            said(f"origin.{row.origin}", language),
        )
        for row in subject.rows
    ]
    head = [said(key, language) for key in ("fact", "found", "from")]
    return sure + (table(head, rows) if rows else "")


def _assumption(one: Assumption, subject: ReportSubject, language: str) -> str:
    """Something taken without evidence and, where it was asked, how to answer otherwise."""
    told = quoted(one.text(language), _VALUE)
    for question in subject.questions:
        if question.assumption == one:
            return _otherwise(
                told,
                "--answer",
                question.name,
                [o for o in question.options if o != question.likely],
                language,
            )
    return told


def _otherwise(told: str, option: str, name: str, choices: Iterable[str], language: str) -> str:
    """What was taken, and the options of the command that choose otherwise."""
    given = [shlex.quote(f"{name}={choice}") for choice in choices][:_CHOICES]
    written = word("list.names", language).join(
        f"<code>{quoted(f'{option} {one}')}</code>" for one in given
    )
    return said("report.otherwise_with", language, said=told, option=written)


def _data(subject: ReportSubject, language: str) -> str:
    sequence = subject.found.sequence
    is_table = bool(subject.scale)
    return (
        paragraph(_extent(subject, language))
        + (paragraph(_order(subject, language)) if is_table else "")
        + bullets(_decision(one, language) for one in subject.decisions)
        + (_features(subject, language) if sequence.encoding == "values" else "")
    )


def _order(subject: ReportSubject, language: str) -> str:
    """What a table cannot tell of what the model was trained on."""
    names = listed_names(subject.found.sequence.features, language)
    scale = said(f"report.scale.{subject.scale}", language)
    return said("report.columns", language, names=names, scale=scale)


def _extent(subject: ReportSubject, language: str) -> str:
    sequence = subject.found.sequence
    facts = {"steps": f"{sum(sequence.lengths):,}", "rows": f"{sequence.n_rows:,}"}
    if sequence.encoding == "values":
        facts["features"] = f"{sequence.n_features:,}"
        key = "numbers" if sequence.n_rows == 1 else "rows"
    else:
        tokens = {token for row in sequence.tokens for token in row}
        facts["different"] = f"{len(tokens):,}"
        key = "tokens"
    told = said(f"report.extent.{key}", language, **facts)
    if subject.found.n_rows == sequence.n_rows:
        return told
    first = said("report.extent.first", language, n=f"{subject.found.n_rows:,}")
    return sentences((told, first), language)


def _decision(one: Decision, language: str) -> str:
    told = quoted(one.sentence(language), _VALUE)
    if one.is_certain:
        return told
    others = [option for option in one.options if option != one.chosen]
    if is_changeable(one):
        return _otherwise(told, "--read", one.name, others, language)
    return said("report.left_open", language, said=told)


def _features(subject: ReportSubject, language: str) -> str:
    sequence = subject.found.sequence
    values = sequence.values[sequence.is_real].astype(float)
    statistics = (np.min, np.mean, np.max, np.std)
    # A mean of 1e-17 is that of a scaled column.
    tiny = 1e-12 * np.abs(values).max(axis=0)
    columns = [np.where(np.abs(made := of(values, axis=0)) < tiny, 0, made) for of in statistics]
    rows = [
        (quoted(token_label(name)), *(table_number(float(column[at])) for column in columns))
        for at, name in enumerate(sequence.features[:_FEATURES])
    ]
    head = ("features", "least", "mean", "most", "deviation")
    more = sequence.n_features - len(rows)
    left = paragraph(said("report.more", language, n=f"{more:,}"), "soft") if more else ""
    return table([said(f"report.{key}", language) for key in head], rows, "numbers") + left
