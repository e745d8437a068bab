"""List of the lessons as cards, and which one is open."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.glossary import GLOSSARY, glossary
from rnnviz.lessons.lesson import Lesson
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, lessons_about, numbered_title
from rnnviz.ui import state
from rnnviz.ui.own_progress import own_progress
from rnnviz.ui.text import t

_N_COLUMNS = 3


def opened_lesson() -> Lesson | None:
    """The chosen lesson in the page's language."""
    chosen = state.get("lesson")
    return lesson(chosen, state.language()) if chosen in LESSONS else None


def open_lesson(id: str) -> None:
    """Start a lesson from its beginning, or the glossary; the empty id goes back to the list."""
    state.restore_defaults("term", "slide", "settings", "guess", "results")
    state.put(lesson=id)


def list_button() -> None:
    """Button that goes back to the list."""
    st.button(
        t("learn.all"),
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=open_lesson,
        args=("",),
    )


def lesson_cards() -> None:
    """A card per lesson: title, summary, minutes, and a badge when it was finished."""
    st.markdown(f"# {t('learn.title')}")
    st.markdown(lessons_about(state.language()))
    st.button(
        glossary(state.language()).title,
        key="open_glossary",
        icon=":material/menu_book:",
        type="tertiary",
        on_click=open_lesson,
        args=(GLOSSARY,),
    )
    for row in range(0, len(LESSONS), _N_COLUMNS):
        cards = LESSONS[row : row + _N_COLUMNS]
        for column, id in zip(st.columns(_N_COLUMNS), cards, strict=False):
            with column, st.container(border=True, height="stretch", key=f"card_{id}"):
                _card(lesson(id, state.language()))
    st.caption(t("learn.accessible"))


def _card(text: Lesson) -> None:
    st.markdown(f"## {numbered_title(text.id, text.language)}")
    st.markdown(text.summary)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("learn.open"),
            key=f"open_{text.id}",
            icon=":material/arrow_forward:",
            on_click=open_lesson,
            args=(text.id,),
        )
        st.caption(t("learn.minutes", minutes=MINUTES[text.id]))
        progress = own_progress()
        if progress.is_done(text.id):
            st.badge(t("learn.done"), icon=":material/check:", color="green")
        elif n_answered := progress.n_answered(text.id):
            st.caption(t("learn.answered", number=n_answered, count=len(text.questions)))
