"""Learn: nine lessons on cards, one lesson with its live figures, one slide at a time in class."""

from __future__ import annotations

from rnnviz.ui import shell, state
from rnnviz.ui.controls.lesson import class_room, lesson_page
from rnnviz.ui.controls.lesson_list import lesson_cards, opened_lesson


def learn() -> None:
    """The lessons' cards, or the open lesson."""
    lesson = opened_lesson()
    if lesson is None:
        lesson_cards()
    elif state.get("class"):
        class_room(lesson)
    else:
        lesson_page(lesson)


shell.show_errors(learn)
state.write_url()
