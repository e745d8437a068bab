"""Part of a report on the health of every layer."""

from __future__ import annotations

from rnnviz.reports.findings import findings
from rnnviz.reports.markup import bullets, paragraph, percent, said, table, table_number
from rnnviz.reports.sampled_note import sampled_note
from rnnviz.reports.subject import ReportSubject, signal_name


def health_html(subject: ReportSubject, language: str) -> str:
    """What stands out, then every layer's gates as bars, and its other numbers."""
    found = list(findings(subject, language))
    layers = range(len(subject.found.model.layers))
    return (
        (bullets(found, "findings") or paragraph(said("report.nothing", language)))
        + "".join(_layer(subject, index, language) for index in layers)
        + sampled_note(subject, subject.found.n_sampled, language)
    )


def _layer(subject: ReportSubject, index: int, language: str) -> str:
    numbers = subject.numbers_of(index)
    gates = [name.removesuffix(".open") for name in numbers if name.endswith(".open")]
    rows = [
        (
            signal_name(gate, language),
            _split(numbers[f"{gate}.closed"], numbers[f"{gate}.open"], gate),
            percent(numbers[f"{gate}.closed"]),
            percent(numbers[f"{gate}.open"]),
        )
        for gate in gates
    ]
    head = ("report.gate", "report.between", "report.closed", "report.opened")
    several = len(subject.found.model.layers) > 1
    title = f"<h3>{subject.layer(index, language)}</h3>" if several else ""
    drawn = table([said(key, language) for key in head], rows, "gates") if rows else ""
    return f'<div class="layer">{title}{drawn}{_facts(numbers, language)}</div>'


def _split(closed: float, open_: float, gate: str) -> str:
    """A bar from closed, hollow, to open, filled."""
    return (
        '<span class="split" aria-hidden="true"'
        f' style="--gate: var(--rnnviz-{gate}, currentColor)">'
        f'<i class="shut" style="width: {100 * closed:.4g}%"></i>'
        f'<i class="open" style="width: {100 * open_:.4g}%"></i></span>'
    )


def _facts(numbers: dict[str, float], language: str) -> str:
    """Numbers that are none of gates, each with its words."""
    shown = []
    for name, value in numbers.items():
        named, _, what = name.rpartition(".")
        signal = signal_name(named, language)
        if what in ("dead", "saturated", "kept"):
            shown.append((what, signal, percent(value)))
        elif what in ("growth", "largest"):
            shown.append((what, signal, f"{table_number(value)}{' ×' if what == 'growth' else ''}"))
    items = "".join(
        f"<div><dt>{words}</dt><dd>{value}</dd></div>"
        for what, signal, value in shown
        for words in [said(f"report.fact.{what}", language, signal=signal)]
    )
    return f'<dl class="facts">{items}</dl>' if items else ""
