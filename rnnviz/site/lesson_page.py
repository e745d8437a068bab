"""Page of a lesson in the static edition, and of the glossary."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rnnviz.figures.panels import figure as draw_panels
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look, colours
from rnnviz.i18n import word
from rnnviz.lessons.glossary import GLOSSARY, GlossaryEntry, glossary, link_terms
from rnnviz.lessons.interactive import LessonCode
from rnnviz.lessons.lesson import Figure, Lesson, Live
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson
from rnnviz.lessons.sheet import block_html, inline_html
from rnnviz.site.files import Files
from rnnviz.site.lesson_parts import lesson_body
from rnnviz.site.live_packets import slot_height
from rnnviz.site.page import SitePage, lesson_file, page_bytes
from rnnviz.site.positions import lesson_positions

_SCRIPTS = ("../shared/components.js", "../shared/tasks.js", "../shared/lesson.js")


def lesson_files(id: str, languages: Iterable[str]) -> Files:
    """Pages of a lesson by path."""
    written = tuple(languages)
    return {
        f"{one}/{lesson_file(id)}": page_bytes(_lesson_page(lesson(id, one)), written)
        for one in written
    }


def glossary_files(languages: Iterable[str]) -> Files:
    """Pages of the glossary by path."""
    written = tuple(languages)
    return {f"{one}/{GLOSSARY}.html": page_bytes(_glossary_page(one), written) for one in written}


def _lesson_page(text: Lesson) -> SitePage:
    positions, language = lesson_positions(text.id), text.language
    number = LESSONS.index(text.id) + 1
    place = word(
        "learn.place", language, number=number, count=len(LESSONS), minutes=MINUTES[text.id]
    )
    body = (
        f'<article class="lesson" data-lesson="{text.id}"'
        f' data-anyway="{word("learn.anyway", language)}">'
        f"<h1>{escape(text.title)}</h1>"
        f'<p class="lead">{inline_html(text.summary)}</p><p class="soft">{place}</p>'
        f"{lesson_body(text, positions, _first_picture(text, positions.code))}"
        f'<p><button type="button" id="again" hidden>{word("learn.again", language)}</button></p>'
        f"<section><h2>{word('learn.sources', language)}</h2>{_sources(text)}</section>"
        f"</article>{_neighbours(text.id, language)}"
    )
    scripts = (f"../shared/lesson-{text.id}.js", *_SCRIPTS)
    return SitePage(lesson_file(text.id), language, text.title, body, "learn", scripts=scripts)


def _sources(text: Lesson) -> str:
    return f"<ul>{''.join(f'<li>{inline_html(source)}</li>' for source in text.sources)}</ul>"


def _neighbours(id: str, language: str) -> str:
    at = LESSONS.index(id)
    before = "".join(
        _lesson_link(one, language, "prev", "← {}") for one in LESSONS[max(0, at - 1) : at]
    )
    after = "".join(_lesson_link(one, language, "next", "{} →") for one in LESSONS[at + 1 : at + 2])
    return (
        f'<nav class="neighbours" aria-label="{word("site.learn", language)}">{before}{after}</nav>'
    )


def _lesson_link(id: str, language: str, rel: str, form: str) -> str:
    title = form.format(escape(lesson(id, language).title))
    return f'<a href="{lesson_file(id)}" rel="{rel}">{title}</a>'


def _first_picture(text: Lesson, code: LessonCode) -> str:
    """SVG of the first figure, whose colours are those of the page's ground."""
    settings, look = code.settings(), Look(text.language)
    part = next(one for one in text.parts if isinstance(one, Figure | Live))
    if isinstance(part, Figure):
        return _static_picture(code.figures[part.name](settings, look))
    widget = code.widgets[part.name](settings)
    view = widget.panels()
    height = slot_height(len(view.panels))
    return _static_picture(draw_panels(view, look, height=height, gloss=widget.gloss(look)))


def _static_picture(figure: PlotlyJson) -> str:
    drawn = static_svg(figure)
    for name, value in reversed(colours().items()):
        drawn = drawn.replace(f'"{value}"', f'"var(--rnnviz-{name})"')
    return drawn


def _glossary_page(language: str) -> SitePage:
    book = glossary(language)
    terms = "".join(_term(term, language) for term in book.terms)
    body = (
        f"<article class='lesson'><h1>{escape(book.title)}</h1>"
        f'<p class="lead">{_linked(book.summary)}</p>{terms}</article>'
    )
    return SitePage(f"{GLOSSARY}.html", language, book.title, body, GLOSSARY)


def _term(term: GlossaryEntry, language: str) -> str:
    paragraphs = term.text.split("\n\n")
    text = "".join(block_html(link_terms(one, "glossary.html#{}".format)) for one in paragraphs)
    links = " · ".join(
        f'<a href="{lesson_file(id)}">{escape(lesson(id, language).title)}</a>'
        for id in term.lessons
    )
    seen = word("learn.seen_in", language, lessons=links)
    return (
        f'<section class="term" id="{term.id}"><h2>{escape(term.name)}</h2>{text}'
        f"{f'<p class=soft>{seen}</p>' if links else ''}</section>"
    )


def _linked(text: str) -> str:
    return inline_html(link_terms(text, "glossary.html#{}".format))
