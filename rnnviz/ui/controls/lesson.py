"""A lesson as a page, and as slides for a class."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.lessons.lesson import Lesson, LessonPart, Live, QuizQuestion, slides
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson
from rnnviz.lessons.sheet import sheet
from rnnviz.ui import lesson_results, shell, state
from rnnviz.ui.controls.lesson_list import open_lesson
from rnnviz.ui.controls.lesson_parts import lesson_parts
from rnnviz.ui.controls.lesson_questions import reveal
from rnnviz.ui.lesson_answers import guesses, is_done
from rnnviz.ui.player.slide_controls import slide_controls
from rnnviz.ui.text import t

_PRESS = "slide_press"


def lesson_page(text: Lesson) -> None:
    """Parts up to the next question, then the notes for teachers and the neighbouring lessons."""
    given = guesses(text)
    with st.container(key="lesson"):
        _head(text)
        lesson_parts(text, text.shown(given))
        if all(question.name in given for question in text.questions):
            _sources(text)
        if is_done(text):
            state.finish_lesson(text.id)
        _teacher(text)
        _neighbours(text)


def class_room(text: Lesson) -> None:
    """One slide in large type, with slide controls."""
    st.html(f"<style>{shell.slide_css()}</style>")
    open_slides, at = _open_slides(text)
    with st.container(key="lesson"):
        if at == 0:
            st.markdown(f"# {text.title}")
        lesson_parts(text, open_slides[at])
    if is_done(text):
        state.finish_lesson(text.id)
    slide_controls(
        key="slide_controls",
        at=at,
        count=len(slides(text.parts)),
        asked=[bool(_asked(text, slide)) for slide in slides(text.parts)],
        press=st.session_state.get(_PRESS, 0),
        has_player=any(isinstance(part, Live) for part in open_slides[at]),
        language=state.language(),
        on_slide=_go_to_slide,
    )


def _open_slides(text: Lesson) -> tuple[tuple[tuple[LessonPart, ...], ...], int]:
    """Slides up to the next closed reveal, and the index of the one that is shown."""
    open_slides = slides(text.shown(guesses(text)))
    return open_slides, min(state.get("slide"), len(open_slides) - 1)


def _asked(text: Lesson, slide: tuple[LessonPart, ...]) -> list[QuizQuestion]:
    """Questions on a slide that are not revealed yet."""
    given = guesses(text)
    return [part for part in slide if isinstance(part, QuizQuestion) and part.name not in given]


def _go_to_slide() -> None:
    """Take the place that the controls ask for, or leave class mode."""
    wanted = st.session_state["slide_controls"].get("slide")
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
    for at, parts in enumerate(slides(text.parts)):
        for question in _asked(text, parts) if at in revealed else ():
            reveal(text, question)
    state.put(slide=slide)


def _index(value: Any) -> int:
    """A number of a slide or a press. Raises TypeError or ValueError for anything else."""
    return max(0, min(9999, int(value)))


def enter_class() -> None:
    """Open class mode on the first slide."""
    state.put(slide=0, **{"class": "1"})


def leave_class() -> None:
    """Go back to the page."""
    state.put(slide=0, **{"class": ""})


def _head(text: Lesson) -> None:
    st.button(
        t("learn.all"),
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=open_lesson,
        args=("",),
    )
    st.markdown(f"# {text.title}")
    st.markdown(text.summary)
    with st.container(horizontal=True, vertical_alignment="center"):
        number = LESSONS.index(text.id) + 1
        st.caption(t("learn.place", number=number, count=len(LESSONS), minutes=MINUTES[text.id]))
        st.button(
            t("learn.class"),
            icon=":material/co_present:",
            type="tertiary",
            on_click=enter_class,
            help=t("learn.class_help"),
        )
        language = text.language
        st.download_button(
            t("learn.sheet"),
            data=lambda: sheet(text.id, language),
            file_name=f"rnnviz-{text.id}.{language}.html",
            mime="text/html",
            icon=":material/print:",
            type="tertiary",
            on_click="ignore",
            help=t("learn.sheet_help"),
        )


def _sources(text: Lesson) -> None:
    st.markdown(f"## {t('learn.sources')}\n" + "\n".join(f"- {s}" for s in text.sources))


def _teacher(text: Lesson) -> None:
    label = t("learn.teacher")
    notes = st.expander(label, icon=":material/school:", key="teacher", on_change="rerun")
    # Facts of the notes can take a second, so they are computed only when opened.
    if not notes.open:
        return
    with notes, st.spinner(t("working"), show_time=True):
        for name in ("aim", "time", "misunderstanding", "answer"):
            note = lesson_results.lesson_text(
                text.id, getattr(text.teacher, name), state.settings(text.id)
            )
            st.markdown(f"**{t(f'teacher.{name}')}** {note}")


def _neighbours(text: Lesson) -> None:
    at = LESSONS.index(text.id)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if at:
            _neighbour(LESSONS[at - 1], "previous", ":material/arrow_back:")
        if at + 1 < len(LESSONS):
            _neighbour(LESSONS[at + 1], "next", ":material/arrow_forward:")


def _neighbour(id: str, which: str, icon: str) -> None:
    title = lesson(id, state.language()).title
    st.button(title, key=f"lesson_{which}", icon=icon, on_click=open_lesson, args=(id,))
