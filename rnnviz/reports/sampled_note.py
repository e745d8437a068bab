"""Note under a part of a report that is of a sample of the data."""

from __future__ import annotations

from rnnviz.reports.markup import paragraph, said
from rnnviz.reports.subject import ReportSubject


def sampled_note(subject: ReportSubject, n_steps: int, language: str) -> str:
    """Steps that a part is of, as HTML; "" where they are all."""
    whole = sum(subject.found.sequence.lengths)
    if n_steps == whole:
        return ""
    facts = {"part": f"{n_steps:,}", "whole": f"{whole:,}"}
    return paragraph(said("report.sampled", language, **facts), "soft")
