"""One lesson as a page, and as slides for a class."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.lesson import Lesson, Live, slides
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, written
from rnnviz.lessons.sheet import sheet
from rnnviz.ui import results, shell, state
from rnnviz.ui.controls.lesson_list import open_lesson
from rnnviz.ui.controls.lesson_parts import lesson_parts
from rnnviz.ui.player.slide_controls import slide_controls
from rnnviz.ui.text import t


def lesson_page(one: Lesson) -> None:
    """Everything up to the next question, then what a teacher and a printer want."""
    n_revealed = len(state.get("guess"))
    with st.container(key="lesson"):
        _head(one)
        lesson_parts(one, enumerate(one.shown(n_revealed)))
        if n_revealed >= len(one.questions):
            state.finish_lesson(one.id)
            _sources(one)
        _teacher(one)
        _neighbours(one)


def class_room(one: Lesson) -> None:
    """One slide, large; keys and clickers turn it."""
    st.html(f"<style>{shell.slide_css()}</style>")
    shown = one.shown(len(state.get("guess")))
    every = slides(shown)
    at = min(state.get("slide"), len(every) - 1)
    with st.container(key="lesson"):
        if at == 0:
            st.markdown(f"# {one.title}")
        lesson_parts(one, [(shown.index(part), part) for part in every[at]])
    if len(state.get("guess")) >= len(one.questions):
        state.finish_lesson(one.id)
    slide_controls(
        key="slide_controls",
        at=at,
        count=len(slides(one.parts)),
        last=len(every) - 1,
        has_player=any(isinstance(part, Live) for part in every[at]),
        language=state.language(),
        on_slide=_go_to_slide,
    )


def _go_to_slide() -> None:
    """The class went to another slide, or leaves; a closed question is turned by its button."""
    wanted = st.session_state["slide_controls"].get("slide")
    if wanted == "leave":
        leave_class()
    elif isinstance(wanted, int):
        state.put(slide=max(0, min(99, wanted)))


def enter_class() -> None:
    """Slides from the first on."""
    state.put(slide=0, **{"class": "1"})


def leave_class() -> None:
    """Back to the page."""
    state.put(slide=0, **{"class": ""})


def _head(one: Lesson) -> None:
    st.button(
        t("learn.all"),
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=open_lesson,
        args=("",),
    )
    st.markdown(f"# {one.title}")
    st.markdown(one.summary)
    with st.container(horizontal=True, vertical_alignment="center"):
        number = LESSONS.index(one.id) + 1
        st.caption(t("learn.place", number=number, count=len(LESSONS), minutes=MINUTES[one.id]))
        st.button(
            t("learn.class"),
            icon=":material/co_present:",
            type="tertiary",
            on_click=enter_class,
            help=t("learn.class_help"),
        )
        language = one.language
        st.download_button(
            t("learn.sheet"),
            data=lambda: sheet(one.id, language),
            file_name=f"rnnviz-{one.id}.{language}.html",
            mime="text/html",
            icon=":material/print:",
            type="tertiary",
            on_click="ignore",
            help=t("learn.sheet_help"),
        )


def _sources(one: Lesson) -> None:
    st.markdown(f"## {t('learn.sources')}\n" + "\n".join(f"- {s}" for s in one.sources))


def _teacher(one: Lesson) -> None:
    label = t("learn.teacher")
    folded = st.expander(label, icon=":material/school:", key="teacher", on_change="rerun")
    # Its numbers can take a second, and few look.
    if not folded.open:
        return
    with folded, st.spinner(t("working"), show_time=True):
        for name in ("aim", "time", "misunderstanding", "answer"):
            said = results.lesson_text(one.id, getattr(one.teacher, name), state.settings(one.id))
            st.markdown(f"**{t(f'teacher.{name}')}** {said}")


def _neighbours(one: Lesson) -> None:
    ready = written()
    at = ready.index(one.id)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if at:
            _neighbour(ready[at - 1], "previous", ":material/arrow_back:")
        if at + 1 < len(ready):
            _neighbour(ready[at + 1], "next", ":material/arrow_forward:")


def _neighbour(id: str, which: str, icon: str) -> None:
    title = lesson(id, state.language()).title
    st.button(title, key=f"lesson_{which}", icon=icon, on_click=open_lesson, args=(id,))
