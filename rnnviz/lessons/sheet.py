"""A lesson on paper: one HTML file that needs no network, its answers on the last page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from rnnviz.analysis.panels import panels
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.lessons.interactive import Behind, Settings
from rnnviz.lessons.lesson import (
    Fact,
    Figure,
    Formula,
    Heading,
    Live,
    Part,
    Prose,
    Question,
    Reveal,
    with_facts,
)
from rnnviz.lessons.mathml import mathml
from rnnviz.lessons.registry import LESSONS, MINUTES, behind, lesson
from rnnviz.resources import asset

_PIECES = re.compile(r"\$(?P<math>[^$]+)\$|`(?P<code>[^`]+)`")


def html_of(text: str) -> str:
    """A paragraph, a list or a table.

    >>> html_of("where $z$ is **1**")
    '<p>where <math><mi>z</mi></math> is <b>1</b></p>'
    """
    if text.startswith("- "):
        return "<ul>" + "".join(f"<li>{inline(line)}</li>" for line in _entries(text)) + "</ul>"
    if text.startswith("|"):
        return _table(text.splitlines())
    return f"<p>{inline(text)}</p>"


def inline(text: str) -> str:
    """Text within a paragraph."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        code = found["code"]
        kept.append(f"<code>{escape(code)}</code>" if code else mathml(found["math"]))
        return f"\0{len(kept) - 1}\0"

    # Set aside, so that a star inside a formula is no emphasis, and one round it is.
    around = _emphasis(_PIECES.sub(keep, text))
    return re.sub("\0([0-9]+)\0", lambda found: kept[int(found[1])], around)


def _emphasis(text: str) -> str:
    text = escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in re.split(r"(?:^|\n)- ", text) if entry]


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    # The second line is the rule under the headings.
    made = [_row(rows[0], "th"), *(_row(row, "td") for row in rows[2:])]
    return f"<table>{''.join(made)}</table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in cells) + "</tr>"


def sheet(id: str, language: str) -> str:
    """The sheet's text: up to the first question with lines to write on, then what was revealed.

    Figures are SVG, drawn with the settings for paper; formulas are MathML.
    """
    one, own = lesson(id, language), behind(id)
    settings = own.settings(own.paper)

    def fact(name: str) -> Fact:
        return own.facts[name](settings)

    first = next((i for i, p in enumerate(one.parts) if isinstance(p, Reveal)), len(one.parts))
    drawn = [_part(with_facts(part, fact), own, settings, language) for part in one.parts]
    number = LESSONS.index(id) + 1
    return (
        asset("lessons", "sheet.html")
        .read_text("utf-8")
        .format(
            lang={"zh": "zh-CN"}.get(language, language),
            title=escape(one.title),
            place=word(
                "learn.place", language, number=number, count=len(LESSONS), minutes=MINUTES[id]
            ),
            summary=inline(one.summary),
            name=word("sheet.name", language),
            date=word("sheet.date", language),
            before="".join(drawn[:first]),
            answers=word("sheet.answers", language),
            right="".join(
                _right(with_facts(question, fact), own, language) for question in one.questions
            ),
            after="".join(drawn[first:]),
            heading=word("learn.sources", language),
            sources="".join(f"<li>{inline(source)}</li>" for source in one.sources),
        )
    )


def _part(part: Part, own: Behind, settings: Settings, language: str) -> str:
    made = _DRAWN.get(type(part))
    return made(part, own, settings, language) if made else ""


def _figure(part: Figure, own: Behind, settings: Settings, language: str) -> str:
    return _pictured(own.figures[part.name](settings, Look(language)), part.caption)


def _live(part: Live, own: Behind, settings: Settings, language: str) -> str:
    stage = own.lives[part.name](settings)
    view = panels(stage.trace, stage.signals, layer=stage.layer)
    return _pictured(panels_figure(view, Look(language)), part.caption)


def _pictured(figure: PlotlyJson, caption: str) -> str:
    said = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    return f"<figure>{static_svg(figure)}{said}</figure>"


def _question(part: Question, own: Behind, settings: Settings, language: str) -> str:
    options = "".join(f"<li>{inline(option)}</li>" for option in part.options)
    why = word("sheet.why", language)
    return (
        f'<section class="question"><p><b>{inline(part.prompt)}</b></p><ol>{options}</ol>'
        f'<p class="why">{why}</p><p class="line"></p><p class="line"></p></section>'
    )


def _right(question: Question, own: Behind, language: str) -> str:
    option = question.options[own.answers[question.name]()]
    return f"<p>{word('learn.is', language, option=inline(option))}</p>"


_DRAWN: Mapping[type[Any], Callable[[Any, Behind, Settings, str], str]] = {
    Heading: lambda part, *_: f"<h2>{inline(part.text)}</h2>",
    Prose: lambda part, *_: html_of(part.text),
    Formula: lambda part, *_: mathml(part.latex, block=True),
    Figure: _figure,
    Live: _live,
    Question: _question,
}
