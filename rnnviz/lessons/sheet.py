"""Printed sheet of a lesson: one HTML file without network access, answers on the last page.

Figures are SVG, drawn with the lesson's settings for sheets; formulas are MathML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from rnnviz.core.resources import asset
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.lessons.glossary import unlink_terms
from rnnviz.lessons.interactive import LessonCode, Settings
from rnnviz.lessons.lesson import (
    FactValue,
    Figure,
    Formula,
    Heading,
    LessonPart,
    Live,
    Prose,
    QuizQuestion,
    Reveal,
    with_facts,
)
from rnnviz.lessons.mathml import mathml
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, lesson_code

_MATH_OR_CODE = re.compile(r"\$(?P<math>[^$]+)\$|`(?P<code>[^`]+)`")


def sheet(id: str, language: str) -> str:
    """HTML of a sheet: the parts up to the first question's answer, then the rest."""
    text, code = lesson(id, language), lesson_code(id)
    settings = code.settings(code.sheet_settings)

    def fact(name: str) -> FactValue:
        return code.facts[name](settings)

    first = next((i for i, p in enumerate(text.parts) if isinstance(p, Reveal)), len(text.parts))
    parts = [part_html(with_facts(part, fact), code, settings, language) for part in text.parts]
    number = LESSONS.index(id) + 1
    return (
        asset("lessons", "sheet.html")
        .read_text("utf-8")
        .format(
            lang={"zh": "zh-CN"}.get(language, language),
            title=escape(text.title),
            place=word(
                "learn.place", language, number=number, count=len(LESSONS), minutes=MINUTES[id]
            ),
            summary=inline_html(text.summary),
            name=word("sheet.name", language),
            date=word("sheet.date", language),
            before="".join(parts[:first]),
            answers=word("sheet.answers", language),
            right="".join(
                _answer(with_facts(question, fact), code, language) for question in text.questions
            ),
            after="".join(parts[first:]),
            heading=word("learn.sources", language),
            sources="".join(f"<li>{inline_html(source)}</li>" for source in text.sources),
        )
    )


def part_html(part: LessonPart, code: LessonCode, settings: Settings, language: str) -> str:
    """HTML of a part, its facts filled in; of controls and reveals there is none."""
    convert = _CONVERTERS.get(type(part))
    return convert(part, code, settings, language) if convert else ""


def _figure(part: Figure, code: LessonCode, settings: Settings, language: str) -> str:
    return _figure_html(code.figures[part.name](settings, Look(language)), part.caption)


def _live(part: Live, code: LessonCode, settings: Settings, language: str) -> str:
    widget = code.widgets[part.name](settings)
    look = Look(language)
    drawn = panels_figure(widget.panels(), look, gloss=widget.gloss(look))
    return _figure_html(drawn, part.caption)


def _figure_html(figure: PlotlyJson, caption: str) -> str:
    caption_html = f"<figcaption>{inline_html(caption)}</figcaption>" if caption else ""
    return f"<figure>{static_svg(figure)}{caption_html}</figure>"


def _question(part: QuizQuestion, code: LessonCode, settings: Settings, language: str) -> str:
    options = "".join(f"<li>{inline_html(option)}</li>" for option in part.options)
    why = word("sheet.why", language)
    return (
        f'<section class="question"><p><b>{inline_html(part.prompt)}</b></p><ol>{options}</ol>'
        f'<p class="why">{why}</p><p class="line"></p><p class="line"></p></section>'
    )


def _answer(question: QuizQuestion, code: LessonCode, language: str) -> str:
    option = question.options[code.answers[question.name]()]
    return f"<p>{word('learn.is', language, option=inline_html(option))}</p>"


_CONVERTERS: Mapping[type[Any], Callable[[Any, LessonCode, Settings, str], str]] = {
    Heading: lambda part, *_: f"<h2>{inline_html(part.text)}</h2>",
    Prose: lambda part, *_: block_html(part.text),
    Formula: lambda part, *_: mathml(part.latex, block=True),
    Figure: _figure,
    Live: _live,
    QuizQuestion: _question,
}


def block_html(text: str) -> str:
    """HTML of a paragraph, a list or a table in Markdown.

    >>> block_html("where $z$ is **1**")
    '<p>where <math><mi>z</mi></math> is <b>1</b></p>'
    """
    if text.startswith("- "):
        items = "".join(f"<li>{inline_html(entry)}</li>" for entry in _entries(text))
        return f"<ul>{items}</ul>"
    if text.startswith("|"):
        return _table(text.splitlines())
    return f"<p>{inline_html(text)}</p>"


def inline_html(text: str) -> str:
    """HTML of text within a paragraph."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        code = found["code"]
        kept.append(f"<code>{escape(code)}</code>" if code else mathml(found["math"]))
        return f"\0{len(kept) - 1}\0"

    # Kept apart, so that a star inside a formula is no emphasis, and a star around it is.
    rest = _emphasis(_MATH_OR_CODE.sub(keep, unlink_terms(text)))
    return re.sub("\0([0-9]+)\0", lambda found: kept[int(found[1])], rest)


def _emphasis(text: str) -> str:
    text = escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in re.split(r"(?:^|\n)- ", text) if entry]


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    # The second line is the rule under the header.
    body = "".join(_row(row, "td") for row in rows[2:])
    return f"<table>{_row(rows[0], 'th')}{body}</table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{inline_html(cell)}</{tag}>" for cell in cells) + "</tr>"
