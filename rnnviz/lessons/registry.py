"""The lessons in order: their texts and their code."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from rnnviz.core.checks import is_one_of, shown
from rnnviz.core.resources import asset
from rnnviz.errors import InputError
from rnnviz.i18n import word

if TYPE_CHECKING:
    from rnnviz.lessons.interactive import LessonCode
    from rnnviz.lessons.lesson import Lesson

# Minutes of a reader who tries everything once, computed from the English text: 200 words a minute,
# 3 minutes for every experiment and 1 for every exercise.
MINUTES = {
    "reads": 25,
    "forgets": 15,
    "lstm_step": 15,
    "lstm_gates": 18,
    "gru": 17,
    "dense": 18,
    "through_time": 24,
    "training": 17,
    "trained": 23,
    "writes": 21,
    "two_grus": 19,
}
LESSONS = tuple(MINUTES)
_REFERENCE = re.compile(r"\{lesson: (\w+)\}")


def check_lesson(id: str) -> None:
    """Raise InputError for a name that no lesson has."""
    if not is_one_of(id, LESSONS):
        raise InputError(
            "There is no lesson “{came}”; the lessons are {known}.",
            came=shown(id),
            known=", ".join(LESSONS),
        )


@cache
def lesson(id: str, language: str) -> Lesson:
    """Text of a lesson, with the numbers of the lessons that it refers to.

    >>> lesson("gru", "en").id
    'gru'
    """
    from rnnviz.lessons.parse import parse_lesson

    text = asset("lessons", f"{id}.{language}.md").read_text("utf-8")
    numbered = _REFERENCE.sub(lambda found: str(LESSONS.index(found[1]) + 1), text)
    return parse_lesson(numbered, id, language)


def numbered_title(id: str, language: str) -> str:
    """Number of a lesson in the course and its title."""
    return f"{LESSONS.index(id) + 1} · {lesson(id, language).title}"


def lessons_about(language: str) -> str:
    """What a lesson asks of a reader, in one sentence, with the minutes of the course."""
    minutes = MINUTES.values()
    return word("learn.about", language, least=min(minutes), most=max(minutes))


@cache
def lesson_code(id: str) -> LessonCode:
    """Code of a lesson, imported when the lesson is opened."""
    code: LessonCode = import_module(f"rnnviz.lessons.content.{id}").CODE
    return code
