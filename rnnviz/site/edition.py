"""The whole static edition: parts that each make some of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rnnviz.core.resources import asset
from rnnviz.figures.plotly_json import plotly_script
from rnnviz.lessons.registry import LESSONS
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
    languages: tuple[str, ...], on_part: Callable[[int, int], None] = lambda done, count: None
) -> Files:
    """All files of the edition in some languages; `on_part` hears how many parts are done."""
    made: dict[str, bytes] = {}
    every = list(_parts(languages))
    for done, make in enumerate(every, start=1):
        made |= make()
        on_part(done, len(every))
    return offline_files(made)


def _parts(languages: tuple[str, ...]) -> Iterator[Callable[[], Files]]:
    yield lambda: shell_files(languages)
    for language in languages:
        yield lambda language=language: front_files(language, languages)  # type: ignore[misc]
    yield lambda: glossary_files(languages)
    for id in LESSONS:
        yield lambda id=id: lesson_files(id, languages)  # type: ignore[misc]
        yield lambda id=id: {f"shared/lesson-{id}.js": lesson_script(id, languages)}  # type: ignore[misc]
    yield lambda: read_files(languages)


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
