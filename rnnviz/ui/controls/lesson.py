"""A lesson as a page."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.checking import right_option
from rnnviz.lessons.lesson import Exercise, Lesson, QuizQuestion
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson
from rnnviz.lessons.scorm import scorm_package
from rnnviz.lessons.sheet import sheet
from rnnviz.ui import lesson_results, shell, state
from rnnviz.ui.controls.class_room import enter_class
from rnnviz.ui.controls.lesson_list import list_button, open_lesson
from rnnviz.ui.controls.lesson_parts import lesson_parts
from rnnviz.ui.lesson_answers import guesses
from rnnviz.ui.text import t


def lesson_page(text: Lesson) -> None:
    """Parts up to the next question, then the notes for teachers and the neighbouring lessons."""
    given = guesses(text)
    with st.container(key="lesson"):
        _head(text)
        lesson_parts(text, text.shown(given))
        if all(question.name in given for question in text.questions):
            st.button(
                t("learn.again"),
                icon=":material/replay:",
                type="tertiary",
                on_click=state.restore_defaults,
                args=("guess",),
                help=t("learn.again_help"),
            )
            _sources(text)
        if not shell.is_embedded():
            _teacher(text)
            _neighbours(text)


def _head(text: Lesson) -> None:
    if not shell.is_embedded():
        list_button()
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
            icon=":material/download:",
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
        language, mix = text.language, state.get("mix")
        st.download_button(
            t("learn.scorm"),
            data=lambda: scorm_package(text.id, language, mix),
            file_name=f"rnnviz-{text.id}.{language}.zip",
            mime="application/zip",
            icon=":material/inventory_2:",
            on_click="ignore",
            help=t("learn.scorm_help"),
        )
        if st.toggle(t("learn.answers"), key="shows_answers"):
            _answers(text)


def _answers(text: Lesson) -> None:
    """Right answers by question and exercise, which no student sees by opening a fold alone."""
    for number, question in enumerate(text.questions, start=1):
        st.markdown(f"- {t('results.task', number=number)}: {_right_answer(text, question)}")
    for number, exercise in enumerate(text.exercises, start=1):
        st.markdown(f"- {t('results.exercise', number=number)}: {_right_answer(text, exercise)}")


def _right_answer(text: Lesson, part: QuizQuestion | Exercise) -> str:
    """The right option, where there are any, and an exercise's solution."""
    filled = lesson_results.lesson_part(text.id, part, state.settings(text.id))
    right = filled.options[right_option(text.id, part.name)] if filled.options else ""
    solution = filled.solution if isinstance(filled, Exercise) else ""
    return " ".join(filter(None, (right, solution)))


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
