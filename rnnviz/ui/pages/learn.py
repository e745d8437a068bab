"""Learn page: the list of lessons, the glossary, a lesson, or its slides in class mode."""

from __future__ import annotations

from rnnviz.ui import address, shell, state
from rnnviz.ui.controls.class_room import class_room
from rnnviz.ui.controls.glossary import glossary_page, is_glossary_open
from rnnviz.ui.controls.lesson import lesson_page
from rnnviz.ui.controls.lesson_list import lesson_cards, opened_lesson
from rnnviz.ui.lesson_answers import draw_seed


def learn() -> None:
    """List of the lessons, or the chosen lesson."""
    draw_seed()
    lesson = opened_lesson()
    if is_glossary_open():
        glossary_page()
    elif lesson is None:
        lesson_cards()
    elif state.get("class"):
        class_room(lesson)
    else:
        lesson_page(lesson)


shell.show_errors(learn)
address.write_url()
