"""Learn page: the list of lessons, a lesson with its figures, or its slides in class mode."""

from __future__ import annotations

from rnnviz.ui import address, shell, state
from rnnviz.ui.controls.class_room import class_room
from rnnviz.ui.controls.collected_results import collected_results
from rnnviz.ui.controls.glossary import glossary_page, is_glossary_open
from rnnviz.ui.controls.lesson import lesson_page
from rnnviz.ui.controls.lesson_list import lesson_cards, opened_lesson
from rnnviz.ui.controls.own_results import own_results, shared_results
from rnnviz.ui.lesson_answers import draw_seed
from rnnviz.ui.own_progress import keep_progress


def learn() -> None:
    """List of the lessons, the chosen lesson, or the results that a link carries."""
    draw_seed()
    keep_progress()
    lesson = opened_lesson()
    if state.text_of("results"):
        shared_results(state.text_of("results"))
    elif is_glossary_open():
        glossary_page()
    elif lesson is None:
        lesson_cards()
        own_results()
        collected_results()
    elif state.get("class"):
        class_room(lesson)
    else:
        lesson_page(lesson)


shell.show_errors(learn)
address.write_url()
