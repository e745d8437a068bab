"""The whole static edition: parts that each make some of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from rnnviz.core.resources import asset
from rnnviz.figures.plotly_json import plotly_script
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.lessons.task_form import task_script
from rnnviz.site.files import Files
from rnnviz.site.front import front_files
from rnnviz.site.lesson_data import lesson_script
from rnnviz.site.lesson_page import glossary_files, lesson_files
from rnnviz.site.look import style_sheet
from rnnviz.site.offline import offline_files
from rnnviz.site.page import index_bytes, site_text
from rnnviz.site.read import read_files
from rnnviz.ui.player.bundle import bundle


def static_edition(
    languages: tuple[str, ...], on_part: Callable[[str], None] = lambda part: None
) -> Files:
    """All files of the edition in some languages; `on_part` hears what is made next."""
    made: dict[str, bytes] = {}
    for part, make in _parts(languages):
        on_part(part)
        made |= make()
    return offline_files(made)


def _parts(languages: tuple[str, ...]) -> Iterator[tuple[str, Callable[[], Files]]]:
    """Every part: what it is, and what makes its files."""
    yield "scripts and styles", lambda: shell_files(languages)
    yield "front page and glossary", lambda: _front_files(languages)
    for number, id in enumerate(LESSONS, start=1):
        made = partial(_lesson_files, id, languages)
        yield f"lesson {number} of {len(LESSONS)}: {lesson(id, 'en').title}", made
    yield "networks to read", lambda: read_files(languages)


def _front_files(languages: tuple[str, ...]) -> Files:
    made = dict(glossary_files(languages))
    for language in languages:
        made |= front_files(language, languages)
    return made


def _lesson_files(id: str, languages: tuple[str, ...]) -> Files:
    script = {f"shared/lesson-{id}.js": lesson_script(id, languages)}
    return {**lesson_files(id, languages), **script}


def shell_files(languages: tuple[str, ...]) -> Files:
    """Files that all pages share: the way in, style sheet, scripts, icon and Plotly."""
    return {
        "index.html": index_bytes(languages),
        "shared/site.css": style_sheet().encode(),
        "shared/site.js": site_text("site.js").encode(),
        "shared/components.js": bundle(("player", "diagram", "value_table")).encode(),
        "shared/tasks.js": task_script().encode(),
        "shared/lesson.js": site_text("lesson.js").encode(),
        "shared/icon.svg": asset("icon.svg").read_bytes(),
        "shared/plotly.min.js": plotly_script().encode(),
    }
