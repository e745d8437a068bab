"""Parts of a lesson as HTML of the static edition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from rnnviz.i18n import word
from rnnviz.lessons.glossary import GLOSSARY, link_terms
from rnnviz.lessons.interactive import LessonCode, Link, Settings
from rnnviz.lessons.lesson import (
    AnyPart,
    Control,
    Exercise,
    Figure,
    Lesson,
    LessonPart,
    Live,
    Open,
    QuizQuestion,
    Reveal,
    with_facts,
)
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.sheet import inline_html, part_html
from rnnviz.lessons.task_form import hidden_rest, task_form
from rnnviz.site.lesson_controls import control_html
from rnnviz.site.page import FRONT, read_address
from rnnviz.site.positions import Positions

# Order of the options, the same for all who read, as on the printed sheet.
_SEED = 1


def part_body(part: LessonPart, code: LessonCode, settings: Settings, language: str) -> str:
    """HTML of a text or a formula with its numbers in place and its terms linked."""
    filled = with_facts(_linked(part), lambda name: code.facts[name](settings))
    return part_html(filled, code, settings, language)


def lesson_body(text: Lesson, positions: Positions, first: str) -> str:
    """HTML of all parts at the lesson's first settings; what a question hides is hidden.

    first  SVG of the first figure, which is seen before anything is loaded.
    """
    parts = "".join(_parts(text, positions))
    return f"<section>{parts.replace(_CHART, _CHART + first, 1)}</section>"


_CHART = '<div class="chart">'


def _parts(text: Lesson, positions: Positions) -> Iterator[str]:
    code, language = positions.code, text.language
    settings = code.settings()
    for at, part in enumerate(text.parts):
        filled = with_facts(_linked(part), lambda name: code.facts[name](settings))
        if isinstance(filled, Reveal):
            yield hidden_rest(text, filled.name, language)
        elif isinstance(filled, Control):
            yield control_html(filled, positions, language)
        elif isinstance(filled, Figure):
            yield _figure(filled)
        elif isinstance(filled, Live):
            yield _live(filled)
        elif isinstance(filled, Open):
            yield _open(filled, code.links[filled.name](settings), language)
        elif isinstance(filled, QuizQuestion | Exercise):
            yield _task(text, filled, code)
        else:
            body = part_html(filled, code, settings, language)
            yield f'<div data-text="{at}">{body}</div>' if positions.reads[at] else body


def _linked(part: AnyPart) -> AnyPart:
    """Part whose terms are links to the glossary's page."""
    linked = {field.name: _link(getattr(part, field.name)) for field in fields(part)}
    return replace(part, **linked)


def _link(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_link, value))
    return link_terms(value, f"{GLOSSARY}.html#{{}}".format)


def _figure(part: Figure) -> str:
    return (
        f'<figure data-figure="{part.name}" {_named(part)}>{_CHART}</div>{_caption(part)}</figure>'
    )


def _live(part: Live) -> str:
    return (
        f'<figure class="live" data-live="{part.name}"><div data-component="player"></div>'
        f'<div class="beside"><div class="st-key-live_{part.name}">{_CHART}</div></div>'
        '<div><div data-component="diagram"></div><div data-component="value_table"></div></div>'
        f"</div>{_caption(part)}</figure>"
    )


def _open(part: Open, link: Link, language: str) -> str:
    """Link to a trained network on the Read page; of other choices, that the server has them."""
    origin, _, name = link.choices.get("model", "").partition(":")
    if link.page == "read" and origin == "preset" and len(link.choices) == 1:
        return f'<p><a href="{read_address(model=name)}">{inline_html(part.label)}</a></p>'
    there = f'<a href="{FRONT}#server">{word("site.in_server", language)}</a>'
    return f'<p class="soft">{inline_html(part.label)} · {there}</p>'


def _named(part: Figure) -> str:
    return f'role="group" aria-labelledby="about-{part.name}"' if part.caption else ""


def _caption(part: Figure | Live) -> str:
    said = inline_html(part.caption)
    return f'<figcaption id="about-{part.name}">{said}</figcaption>' if said else ""


def _task(text: Lesson, part: QuizQuestion | Exercise, code: LessonCode) -> str:
    order = option_order(len(part.options), _SEED, text.id, part.name)
    form = task_form(part, code, order, text.language)
    if part.name == text.exercises[0].name:
        return f"<h2>{word('learn.exercises', text.language)}</h2>{form}"
    return form
