"""A lesson as a page, and as slides for a class."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.lesson import Lesson, Live, slides
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson
from rnnviz.lessons.sheet import sheet
from rnnviz.ui import lesson_results, shell, state
from rnnviz.ui.controls.lesson_list import open_lesson
from rnnviz.ui.controls.lesson_parts import lesson_parts, reveal_next
from rnnviz.ui.player.slide_controls import slide_controls
from rnnviz.ui.text import t

_PRESS = "slide_press"


def lesson_page(text: Lesson) -> None:
    """Parts up to the next question, then the notes for teachers and the neighbouring lessons."""
    n_revealed = len(state.get("guess"))
    with st.container(key="lesson"):
        _head(text)
        lesson_parts(text, text.shown(n_revealed))
        if n_revealed >= len(text.questions):
            state.finish_lesson(text.id)
            _sources(text)
        _teacher(text)
        _neighbours(text)


def class_room(text: Lesson) -> None:
    """One slide in large type, with slide controls."""
    st.html(f"<style>{shell.slide_css()}</style>")
    n_revealed = len(state.get("guess"))
    open_slides = slides(text.shown(n_revealed))
    at = min(state.get("slide"), len(open_slides) - 1)
    with st.container(key="lesson"):
        if at == 0:
            st.markdown(f"# {text.title}")
        lesson_parts(text, open_slides[at])
    if n_revealed >= len(text.questions):
        state.finish_lesson(text.id)
    slide_controls(
        key="slide_controls",
        at=at,
        count=len(slides(text.parts)),
        ends=[len(slides(text.shown(n))) - 1 for n in range(len(text.questions) + 1)],
        n_revealed=min(n_revealed, len(text.questions)),
        press=st.session_state.get(_PRESS, 0),
        has_player=any(isinstance(part, Live) for part in open_slides[at]),
        language=state.language(),
        on_slide=_go_to_slide,
    )


def _go_to_slide() -> None:
    """Take the place that the controls ask for, or leave class mode."""
    wanted = st.session_state["slide_controls"].get("slide")
    if wanted == "leave":
        leave_class()
        return
    try:
        slide, n_revealed, press = (int(wanted[key]) for key in ("slide", "n_revealed", "press"))
    except (TypeError, KeyError, ValueError, OverflowError):
        return
    st.session_state[_PRESS] = press
    text = lesson(state.get("lesson"), state.language())
    while len(state.get("guess")) < min(n_revealed, len(text.questions)):
        reveal_next(text)
    state.put(slide=max(0, min(99, slide)))


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
