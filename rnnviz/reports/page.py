"""Page of a report: one HTML file that needs no network and no server."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files

from rnnviz.i18n import word
from rnnviz.reports.glance_part import glance_html
from rnnviz.reports.health_part import health_html
from rnnviz.reports.markup import paragraph, quoted, said
from rnnviz.reports.memory_part import memory_html
from rnnviz.reports.reading_part import reading_html
from rnnviz.reports.relevance_part import relevance_html
from rnnviz.reports.subject import ReportSubject
from rnnviz.reports.window_part import player_script, window_html
from rnnviz.site.look import ground_variables, style_sheet
from rnnviz.site.page import TAGS
from rnnviz.ui.player.read_page import read_page_css

_PARTS = {
    "reading": reading_html,
    "health": health_html,
    "memory": memory_html,
    "relevance": relevance_html,
    "window": window_html,
}


def report_page(subject: ReportSubject, language: str = "en") -> str:
    """HTML text of a report in a language."""
    title = word("report.title", language, model=subject.model, data=subject.data)
    parts = "".join(
        f'<section id="{name}"><h2>{said(f"report.part.{name}", language)}</h2>'
        f"{part(subject, language)}</section>\n"
        for name, part in _PARTS.items()
    )
    return (
        f'<!doctype html>\n<html lang="{TAGS[language]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{quoted(title)} · rnnviz</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
        f'<main class="report">\n{_head(subject, language)}\n'
        f'<nav class="glance">{glance_html(subject, language)}</nav>\n{parts}'
        f"{_method(subject, language)}</main>\n{player_script(subject, language)}</body>\n</html>\n"
    )


def _style() -> str:
    own = files(__package__).joinpath("report.css").read_text("utf-8")
    light = (
        f".always-light {{ {ground_variables(False)} }}"
        f" @media print {{ :root {{ {ground_variables(False)} }} }}"
    )
    return "\n".join((style_sheet(), light, read_page_css(), own))


def _head(subject: ReportSubject, language: str) -> str:
    names = {"model": quoted(subject.model, 80), "data": quoted(subject.data, 80)}
    kicker = f"{said('report.kicker', language)} · {quoted(subject.made)}"
    return (
        f'<header class="head"><p class="soft">{kicker.removesuffix(" · ")}</p>'
        f"<h1>{said('report.title', language, **names)}</h1>"
        f'<p class="lead">{_what_it_is(subject, language)}</p></header>'
    )


def _what_it_is(subject: ReportSubject, language: str) -> str:
    model = subject.found.model
    cells = dict.fromkeys(said(f"cell.{layer.cell_name}", language) for layer in model.layers)
    bottom = model.levels[0]
    side = "both" if len(bottom) > 1 else bottom[0].direction
    return said(
        "report.summary",
        language,
        cell=" + ".join(cells),
        layers=said("model.layers", language, n=str(len(model.levels))),
        direction=said(f"direction.{side}", language),
        inputs=f"{model.n_inputs:,}",
        units=f"{model.layers[0].n_units:,}",
        weights=f"{model.n_parameters:,}",
        steps=f"{sum(subject.found.sequence.lengths):,}",
    )


def _method(subject: ReportSubject, language: str) -> str:
    written = _whole_options(quoted(subject.command, 2_000))
    command = f"<pre>{written}</pre>" if subject.command else ""
    made = paragraph(said("report.made", language, version=version("rnnviz")), "soft")
    return (
        f'<section id="method"><h2>{said("report.part.method", language)}</h2>'
        f"{command}{paragraph(said('report.method', language), 'soft')}{made}</section>\n"
    )


def _whole_options(command: str) -> str:
    """A command whose options break at no hyphen."""
    return re.sub(r"(?<= )--?[a-z][a-z-]*", r'<span class="whole">\g<0></span>', command)
