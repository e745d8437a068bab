"""The lessons on their cards, and which one is open."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.lesson import Lesson
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, written
from rnnviz.ui import state
from rnnviz.ui.text import t

_A_ROW = 3


def opened_lesson() -> Lesson | None:
    """The lesson that is chosen, in the page's language."""
    chosen = state.get("lesson")
    return lesson(chosen, state.language()) if chosen in written() else None


def open_lesson(id: str) -> None:
    """Begin a lesson afresh; the empty name goes back to the shelf."""
    state.restore_defaults("slide", "settings", "guess")
    state.put(lesson=id)


def lesson_cards() -> None:
    """A card a lesson: its title, what it is about, its minutes, and whether it was finished."""
    st.markdown(f"# {t('learn.title')}")
    st.markdown(t("learn.about"))
    ready = written()
    for row in range(0, len(ready), _A_ROW):
        for column, id in zip(st.columns(_A_ROW), ready[row : row + _A_ROW], strict=False):
            with column, st.container(border=True, height="stretch", key=f"card_{id}"):
                _card(lesson(id, state.language()))


def _card(one: Lesson) -> None:
    st.markdown(f"## {LESSONS.index(one.id) + 1} · {one.title}")
    st.markdown(one.summary)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("learn.open"),
            key=f"open_{one.id}",
            icon=":material/arrow_forward:",
            on_click=open_lesson,
            args=(one.id,),
        )
        st.caption(t("learn.minutes", minutes=MINUTES[one.id]))
        if one.id in state.finished_lessons():
            st.badge(t("learn.done"), icon=":material/check:", color="green")
