"""Printed sheet of a lesson: one HTML file without network access.

First the students' pages with questions, blanks and exercises, then the text that follows the
questions, then the teacher's key, each on pages of its own.

Figures are SVG, drawn with the lesson's settings for sheets; formulas are MathML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from rnnviz.core.resources import asset
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.lessons.checking import right_option
from rnnviz.lessons.glossary import unlink_terms
from rnnviz.lessons.interactive import LessonCode, Settings
from rnnviz.lessons.lesson import (
    Control,
    Exercise,
    FactValue,
    Figure,
    Formula,
    Heading,
    Lesson,
    LessonPart,
    Live,
    Prose,
    QuizQuestion,
    facts_of,
    fill_facts,
    with_facts,
)
from rnnviz.lessons.mathml import mathml
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.paper import on_paper, pages, setting_label
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, lesson_code

# A number that students compute: in a text and in a formula, and what paper shows.
_BLANK = "\ue000"
_BLANKS = {
    f"<mo>{_BLANK}</mo>": "<mtext>________</mtext>",
    _BLANK: '<span class="blank"></span>',
}
_LINE = '<p class="line"></p>'
_KEPT = re.compile("\0([0-9]+)\0([.,;:?!)，。；：？！、）]*)")
_MATH_OR_CODE = re.compile(r"\$(?P<math>[^$]+)\$|`(?P<code>[^`]+)`")


def sheet(id: str, language: str) -> str:
    """HTML of a sheet: students' pages, the text after the questions, the teacher's key."""
    text = lesson(id, language)
    made = _Sheet(text, lesson_code(id))
    number = LESSONS.index(id) + 1
    return lesson_html(
        "sheet.html",
        text,
        place=word("learn.place", language, number=number, count=len(LESSONS), minutes=MINUTES[id]),
        name=word("sheet.name", language),
        date=word("sheet.date", language),
        before=made.student(),
        answers=word("sheet.answers", language),
        after=made.rest(),
        key=word("sheet.key", language),
        right=made.key(),
    )


def lesson_html(template: str, text: Lesson, **parts: str) -> str:
    """HTML page of a lesson: its title, summary and sources, and the parts, in a template."""
    return (
        asset("lessons", template)
        .read_text("utf-8")
        .format(
            lang={"zh": "zh-CN"}.get(text.language, text.language),
            title=escape(text.title),
            summary=inline_html(text.summary),
            heading=word("learn.sources", text.language),
            sources="".join(f"<li>{inline_html(source)}</li>" for source in text.sources),
            **parts,
        )
    )


def part_html(part: LessonPart, code: LessonCode, settings: Settings, language: str) -> str:
    """HTML of a part, its facts filled in; of controls and reveals there is none."""
    convert = _CONVERTERS.get(type(part))
    return convert(part, code, settings, language) if convert else ""


class _Sheet:
    """Parts of a lesson as HTML, its numbers filled in or left blank."""

    def __init__(self, text: Lesson, code: LessonCode) -> None:
        self.text, self.code, self.language = text, code, text.language
        self.settings = code.settings(code.sheet_settings)
        self.pages = pages(text.parts, code.sheet_blanks)
        paper = (on_paper(part) for part in self.pages.exercises)
        self.exercises = [part for part in paper if isinstance(part, Exercise)]

    def student(self) -> str:
        """Questions, blanks and exercises."""
        exercises = "".join(self._exercise(part) for part in self.exercises)
        heading = f"<h2>{self._word('sheet.exercises')}</h2>" if exercises else ""
        return self._parts(self.pages.student, self._blank) + heading + exercises

    def rest(self) -> str:
        """The text that follows the questions."""
        return self._parts(self.pages.rest, self._fact)

    def key(self) -> str:
        """Right answers with their reasons, computed numbers, and the teacher's note."""
        notes = ("aim", "time", "misunderstanding", "answer")
        return "".join(
            (
                *map(self._answer, self.text.questions),
                self._computed(),
                *map(self._solution, self.exercises),
                *(f"<p>{self._word(f'teacher.{name}')} {self._note(name)}</p>" for name in notes),
            )
        )

    def _parts(self, parts: Iterable[LessonPart], fact: Callable[[str], FactValue]) -> str:
        filled = (with_facts(part, fact) for part in parts)
        shown = (part for part in map(on_paper, filled) if part)
        made = "".join(self._part(part) for part in shown)
        for blank, drawn in _BLANKS.items():
            made = made.replace(blank, drawn)
        return made

    def _part(self, part: LessonPart) -> str:
        if isinstance(part, QuizQuestion):
            return self._question(part)
        if isinstance(part, Control):
            value = self.settings[part.name]
            shown = "" if value is None else escape(setting_label(part, value))
            return f'<p class="setting">{shown}</p>' if shown else ""
        return part_html(part, self.code, self.settings, self.language)

    def _fact(self, name: str) -> FactValue:
        return self.code.facts[name](self.settings)

    def _blank(self, name: str) -> FactValue:
        return _BLANK if name in self.code.sheet_blanks else self._fact(name)

    def _word(self, key: str, **facts: str) -> str:
        return word(key, self.language, **facts)

    def _note(self, name: str) -> str:
        return inline_html(fill_facts(getattr(self.text.teacher, name), self._fact))

    def _question(self, part: QuizQuestion) -> str:
        number = [one.name for one in self.text.questions].index(part.name) + 1
        options = [part.options[at] for at in self._order(part)]
        return self._task(f"{number}. {part.prompt}", options, n_lines=2)

    def _exercise(self, part: Exercise) -> str:
        filled = with_facts(part, self._fact)
        number = self.exercises.index(part) + 1
        name = self._word("sheet.exercise", number=str(number))
        return self._task(f"{name} {filled.prompt}", filled.options, n_lines=3)

    def _task(self, prompt: str, options: Sequence[str], n_lines: int) -> str:
        items = "".join(f"<li>{inline_html(option)}</li>" for option in options)
        listed = f"<ol>{items}</ol>" if options else ""
        why = self._word("sheet.why" if options else "sheet.compute")
        return (
            f'<section class="question"><p><b>{inline_html(prompt)}</b></p>{listed}'
            f'<p class="why">{why}</p>{_LINE * n_lines}</section>'
        )

    def _order(self, part: QuizQuestion) -> tuple[int, ...]:
        return option_order(len(part.options), 1, self.text.id, part.name)

    def _answer(self, part: QuizQuestion) -> str:
        filled, right = with_facts(part, self._fact), right_option(self.text.id, part.name)
        number = self.text.questions.index(part) + 1
        letter = "ABCDEFGH"[self._order(part).index(right)]
        said = f"<b>{number}. {letter}</b> {inline_html(filled.options[right])}"
        reason = filled.explanations[right] if filled.explanations else ""
        return f"<p>{said}</p>" + (f"<p>{inline_html(reason)}</p>" if reason else "")

    def _computed(self) -> str:
        """Parts with blanks again, filled in."""
        blanks = self.code.sheet_blanks
        return self._parts((p for p in self.pages.student if facts_of(p) & blanks), self._fact)

    def _solution(self, part: Exercise) -> str:
        name = self._word("sheet.exercise", number=str(self.exercises.index(part) + 1))
        return f"<p><b>{name}</b> {inline_html(with_facts(part, self._fact).solution)}</p>"


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


_CONVERTERS: Mapping[type[Any], Callable[[Any, LessonCode, Settings, str], str]] = {
    Heading: lambda part, *_: f"<h2>{inline_html(part.text)}</h2>",
    Prose: lambda part, *_: block_html(part.text),
    Formula: lambda part, *_: mathml(part.latex, block=True),
    Figure: _figure,
    Live: _live,
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
    return _KEPT.sub(lambda found: _unbroken(kept[int(found[1])], found[2]), rest)


def _unbroken(formula: str, stop: str) -> str:
    """A formula with the punctuation after it, which begins no line."""
    return f'<span class="whole">{formula}{stop}</span>' if stop else formula


def _emphasis(text: str) -> str:
    text = escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\(((?:https?://|\w+\.html#)[^)]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in re.split(r"(?:^|\n)- ", text) if entry]


def _table(lines: list[str]) -> str:
    rows = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        for line in lines
    ]
    # The second line is the rule under the header.
    body = "".join(_row(row, "td") for row in rows[2:])
    return f"<table>{_row(rows[0], 'th')}{body}</table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{inline_html(cell)}</{tag}>" for cell in cells) + "</tr>"
