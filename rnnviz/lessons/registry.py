"""The nine lessons in their order: which there are, their texts, and what stands behind them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from rnnviz.lessons.interactive import Behind
from rnnviz.lessons.lesson import Lesson
from rnnviz.lessons.parse import parse_lesson
from rnnviz.resources import asset

# Minutes of a reader who tries everything once.
MINUTES = {
    "reads": 8,
    "forgets": 8,
    "lstm_gates": 10,
    "lstm_step": 8,
    "gru": 8,
    "two_grus": 8,
    "dense": 10,
    "training": 8,
    "trained": 10,
}
LESSONS = tuple(MINUTES)


def written() -> tuple[str, ...]:
    """The lessons whose texts are there, in order."""
    return tuple(id for id in LESSONS if asset("lessons", f"{id}.en.md").is_file())


@cache
def lesson(id: str, language: str) -> Lesson:
    """A lesson's text.

    >>> lesson("gru", "en").id
    'gru'
    """
    return parse_lesson(asset("lessons", f"{id}.{language}.md").read_text("utf-8"), id, language)


@cache
def behind(id: str) -> Behind:
    """What stands behind a lesson; its module is read when it is opened."""
    found: Behind = import_module(f"rnnviz.lessons.content.{id}").BEHIND
    return found
