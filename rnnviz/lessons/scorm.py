"""Lesson as a SCORM 1.2 package, which learning platforms open and which reports to them.

ADL, "SCORM 1.2 Content Aggregation Model" (the manifest) and "Run-Time Environment" (what
`assets/lessons/scorm.js` calls). A package is a lesson in one language: its text and figures as on
the printed sheet, its questions with their explanations, one HTML file without network access. An
exercise that asks for the lesson's controls, which only the app has, says so.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from html import escape
from xml.etree import ElementTree

from rnnviz.core.resources import asset
from rnnviz.i18n import word
from rnnviz.lessons.interactive import LessonCode, SettingsAnswer
from rnnviz.lessons.lesson import (
    Control,
    Exercise,
    Figure,
    LessonPart,
    Live,
    QuizQuestion,
    Reveal,
    with_facts,
)
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.paper import on_paper, setting_label
from rnnviz.lessons.registry import check_lesson, lesson, lesson_code
from rnnviz.lessons.sheet import inline_html, lesson_html, part_html
from rnnviz.lessons.task_form import hidden_rest, task_form, task_script

_PACKAGING = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
_ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PAGE = "index.html"
_BEGUN = (1980, 1, 1, 0, 0, 0)


def scorm_package(id: str, language: str, seed: int = 1) -> bytes:
    """A zip file of a lesson; the seed orders its options. The same bytes for the same lesson.

    Raises InputError for a lesson that is not there.
    """
    check_lesson(id)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in (
            ("imsmanifest.xml", _manifest(id, language)),
            (_PAGE, _page(id, language, seed).encode()),
        ):
            entry = zipfile.ZipInfo(name, _BEGUN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, data)
    return file.getvalue()


def _manifest(id: str, language: str) -> bytes:
    for prefix, space in (("", _PACKAGING), ("adlcp", _ADL), ("xsi", _XSI)):
        ElementTree.register_namespace(prefix, space)
    name, title = f"rnnviz-{id}-{language}", lesson(id, language).title
    root = ElementTree.Element(f"{{{_PACKAGING}}}manifest", identifier=name, version="1.0")
    root.set(
        f"{{{_XSI}}}schemaLocation",
        f"{_PACKAGING} imscp_rootv1p1p2.xsd {_ADL} adlcp_rootv1p2.xsd",
    )
    metadata = _child(root, "metadata")
    _child(metadata, "schema").text = "ADL SCORM"
    _child(metadata, "schemaversion").text = "1.2"
    courses = _child(root, "organizations", default=f"{name}-course")
    course = _child(courses, "organization", identifier=f"{name}-course")
    _child(course, "title").text = title
    item = _child(course, "item", identifier=f"{name}-item", identifierref=f"{name}-page")
    _child(item, "title").text = title
    page = _child(
        _child(root, "resources"),
        "resource",
        identifier=f"{name}-page",
        type="webcontent",
        href=_PAGE,
    )
    page.set(f"{{{_ADL}}}scormtype", "sco")
    _child(page, "file", href=_PAGE)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return written


def _child(parent: ElementTree.Element, name: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{_PACKAGING}}}{name}", attributes)


def _page(id: str, language: str, seed: int) -> str:
    text, code = lesson(id, language), lesson_code(id)
    settings = code.settings(code.sheet_settings)
    filled = (with_facts(part, lambda name: code.facts[name](settings)) for part in text.parts)
    return lesson_html(
        "scorm.html",
        text,
        parts="".join(_parts(filled, code, id, language, seed)),
        done=escape(word("scorm.done", language)),
        script=task_script() + asset("lessons", "scorm.js").read_text("utf-8"),
    )


def _parts(
    parts: Iterable[LessonPart], code: LessonCode, id: str, language: str, seed: int
) -> Iterable[str]:
    settings, title = code.settings(code.sheet_settings), lesson(id, language).title
    first = next(iter(lesson(id, language).exercises), None)
    for part in parts:
        if first and isinstance(part, Exercise) and part.name == first.name:
            yield f"<h2>{word('learn.exercises', language)}</h2>"
        if isinstance(part, Reveal):
            yield hidden_rest(lesson(id, language), part.name, language)
        elif isinstance(part, QuizQuestion | Exercise):
            order = option_order(len(part.options), seed, id, part.name)
            if isinstance(code.answer_of(part.name), SettingsAnswer):
                yield _by_hand(part, language)
            else:
                yield task_form(part, code, order, language)
        elif isinstance(part, Control):
            value = settings[part.name]
            yield "" if value is None else f"<p>{escape(setting_label(part, value))}</p>"
        # No hand moves anything here, as on paper.
        elif (still := on_paper(part)) is not None:
            yield _named(still, part_html(still, code, settings, language), title)


def _named(part: LessonPart, html: str, title: str) -> str:
    """HTML of a part, a picture named by its caption or, where it has none, by the lesson."""
    if not isinstance(part, Figure | Live):
        return html
    if not part.caption:
        return html.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
    caption = f"about_{part.name}"
    html = html.replace("<svg ", f'<svg role="img" aria-labelledby="{caption}" ', 1)
    return html.replace("<figcaption>", f'<figcaption id="{caption}">', 1)


def _by_hand(part: QuizQuestion | Exercise, language: str) -> str:
    """Prompt of a task of setting controls, which are not there, and where to do it."""
    said = word("scorm.by_hand", language)
    return f'<div class="by-hand"><p>{inline_html(part.prompt)}</p><p><b>{said}</b></p></div>'
