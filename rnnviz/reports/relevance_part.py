"""Part of a report on which inputs matter."""

from __future__ import annotations

import numpy as np

from rnnviz.formatting import token_label
from rnnviz.reports.markup import bar, paragraph, percent, quoted, said, table
from rnnviz.reports.sampled_note import sampled_note
from rnnviz.reports.subject import ReportSubject

_SHOWN = 24


def relevance_html(subject: ReportSubject, language: str) -> str:
    """What is moved without each input, the most relevant first, and what that does not say."""
    told = subject.found.relevance
    has_output = not np.isnan(told.output).all()
    head = [f"report.{told.kind}", *["report.moves.output"] * has_output, "report.moves.hidden"]
    head += ["report.times"] * (told.kind == "tokens")
    rows = []
    for at, name in enumerate(told.names[:_SHOWN]):
        shares = [told.output[at]] * has_output + [told.hidden[at]]
        colours = ["probabilities"] * has_output + ["hidden"]
        cells = [f"{bar(s, c)}{percent(s)}" for s, c in zip(shares, colours, strict=True)]
        times = [f"{told.steps[at]:,}"] * (told.kind == "tokens")
        rows.append([quoted(token_label(name)), *cells, *times])
    more = told.n_all - len(rows)
    return (
        paragraph(said(f"report.relevance.{told.kind}", language))
        + table([said(key, language) for key in head], rows, "bars")
        + (paragraph(said("report.more", language, n=f"{more:,}"), "soft") if more else "")
        + paragraph(said("report.relevance.caveat", language), "soft")
        + sampled_note(subject, subject.found.n_relevance, language)
    )
