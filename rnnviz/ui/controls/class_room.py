"""A lesson as slides for a class: words and controls on the left, the figure on the right."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import streamlit as st

from rnnviz.lessons.lesson import Figure, Lesson, LessonPart, Live, QuizQuestion
from rnnviz.lessons.registry import lesson
from rnnviz.lessons.slides import Slide, shown_slide, slides
from rnnviz.ui import lesson_results, shell, state
from rnnviz.ui.controls.lesson_parts import lesson_parts
from rnnviz.ui.controls.lesson_questions import reveal
from rnnviz.ui.lesson_answers import guesses
from rnnviz.ui.own_progress import restore_guesses
from rnnviz.ui.player.slide_controls import slide_controls

_CONTROLS = "slide_controls"
_PRESS = "slide_press"


def class_room(text: Lesson) -> None:
    """One slide in large type, with slide controls."""
    st.html(f"<style>{shell.slide_css()}</style>")
    given, every = guesses(text), slides(text.parts)
    open_slides = slides(text.shown(given))
    at = min(state.get("slide"), len(open_slides) - 1)
    slide = shown_slide(open_slides, at, lambda part: lesson_results.lesson_reads(text.id, part))
    with st.container(key="lesson"):
        _slide(text, slide, is_first=at == 0)
    slide_controls(
        key=_CONTROLS,
        at=at,
        count=len(every),
        asked=[bool(_asked(one, given)) for one in every],
        press=st.session_state.get(_PRESS, 0),
        has_player=any(isinstance(part, Live) for part in slide),
        lines=shell.slide_lines(),
        language=state.language(),
        on_slide=_go_to_slide,
        on_lines=_set_lines,
    )


def _slide(text: Lesson, slide: Slide, *, is_first: bool) -> None:
    pictures = [part for part in slide if isinstance(part, Figure)]
    words: list[LessonPart] = [part for part in slide if not isinstance(part, Figure)]
    with st.container(key="slide_words"):
        if is_first:
            st.markdown(f"# {text.title}")
        lesson_parts(text, words)
    if pictures:
        with st.container(key="slide_pictures"):
            lesson_parts(text, pictures)


def _asked(slide: Slide, given: Collection[str]) -> list[QuizQuestion]:
    """Questions on a slide that are not revealed yet."""
    return [part for part in slide if isinstance(part, QuizQuestion) and part.name not in given]


def _go_to_slide() -> None:
    """Take the place that the controls ask for, or leave class mode."""
    wanted = st.session_state[_CONTROLS].get("slide")
    if wanted == "leave":
        leave_class()
        return
    try:
        slide, press = (_index(wanted[key]) for key in ("slide", "press"))
        revealed = {_index(each) for each in wanted["revealed"]}
    except (TypeError, KeyError, ValueError, OverflowError):
        return
    st.session_state[_PRESS] = press
    text = lesson(state.get("lesson"), state.language())
    given = guesses(text)
    for at, parts in enumerate(slides(text.parts)):
        for question in _asked(parts, given) if at in revealed else ():
            reveal(text, question)
    state.put(slide=slide)


def _index(value: Any) -> int:
    """A number of a slide or a press. Raises TypeError or ValueError for anything else."""
    return max(0, min(9999, int(value)))


def _set_lines() -> None:
    """Take the height of the window, which the figures follow."""
    shell.set_slide_lines(st.session_state[_CONTROLS].get("lines"))


def enter_class() -> None:
    """Open class mode on the first slide, with all questions open."""
    state.put(slide=0, guess=[], **{"class": "1"})


def leave_class() -> None:
    """Go back to the page, and to the reader's own answers."""
    state.put(slide=0, **{"class": ""})
    restore_guesses(state.get("lesson"))
