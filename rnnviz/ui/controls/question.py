"""A lesson's question: predict, reveal, and what was right."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.lesson import Lesson, Question
from rnnviz.ui import results, state
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import shows

_NONE = "·"


def question(one: Lesson, part: Question) -> None:
    """Options, none of them chosen at first; after the reveal, the right one."""
    at = one.questions.index(_original(one, part))
    guesses = state.get("guess")
    is_open = at < len(guesses)
    key, chosen = f"guess_{one.id}_{part.name}", None
    if is_open:
        chosen = next((n for n in range(len(part.options)) if str(n) == guesses[at]), None)
        key = shows(key, chosen)
    with st.container(border=True, key=f"question_{part.name}"):
        st.caption(t("learn.predict"))
        st.markdown(f"**{part.prompt}**")
        st.radio(
            part.prompt,
            range(len(part.options)),
            format_func=part.options.__getitem__,
            index=chosen,
            key=key,
            label_visibility="collapsed",
            disabled=is_open,
        )
        if is_open:
            _verdict(one, part, guesses[at])
        else:
            _buttons(key)


def _original(one: Lesson, part: Question) -> Question:
    return next(q for q in one.questions if q.name == part.name)


def _buttons(key: str) -> None:
    chosen = st.session_state.get(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("learn.reveal"),
            type="primary",
            disabled=chosen is None,
            key="reveal",
            on_click=_reveal,
            args=(str(chosen),),
        )
        if chosen is None:
            st.button(
                t("learn.anyway"), type="tertiary", key="anyway", on_click=_reveal, args=(_NONE,)
            )


def _reveal(chosen: str) -> None:
    state.put(guess=[*state.get("guess"), chosen])
    if state.get("class"):
        state.put(slide=state.get("slide") + 1)


def _verdict(one: Lesson, part: Question, chosen: str) -> None:
    right = results.lesson_answer(one.id, part.name)
    said = {"option": part.options[right]}
    if chosen == str(right):
        st.success(t("learn.right", **said), icon=":material/check:")
    else:
        st.info(t("learn.is", **said), icon=":material/lightbulb:")
