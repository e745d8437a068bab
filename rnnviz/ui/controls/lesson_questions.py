"""A lesson's question: options to choose from, then what is right and why."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.checking import right_option
from rnnviz.lessons.learner_answers import NO_GUESS
from rnnviz.lessons.lesson import Lesson, QuizQuestion, Reveal
from rnnviz.lessons.task_form import what_follows
from rnnviz.ui import shell
from rnnviz.ui.lesson_answers import guess, guesses, shown_order
from rnnviz.ui.text import t


def question_box(lesson: Lesson, part: QuizQuestion) -> None:
    """Options with none chosen at first; once revealed, each with its mark, and the reasons."""
    given = guesses(lesson).get(part.name)
    with st.container(border=True, key=f"question_{part.name}"):
        # A question that hides nothing is about what was just read.
        hides = any(isinstance(one, Reveal) and one.name == part.name for one in lesson.parts)
        st.caption(t("learn.predict" if hides else "learn.recall"))
        st.markdown(f"**{part.prompt}**")
        if given is None:
            _options(lesson, part)
            if hides and not shell.is_class():
                st.caption(what_follows(lesson, part.name, lesson.language))
        else:
            _marked_options(lesson, part, given)


def reveal(lesson: Lesson, part: QuizQuestion) -> None:
    """Reveal a question with what is chosen there."""
    chosen = st.session_state.get(_key(lesson, part))
    guess(lesson, part.name, NO_GUESS if chosen is None else str(chosen))


def _key(lesson: Lesson, part: QuizQuestion) -> str:
    return f"guess_{lesson.id}_{part.name}"


def _options(lesson: Lesson, part: QuizQuestion) -> None:
    chosen = st.radio(
        part.prompt,
        shown_order(lesson, part),
        format_func=part.options.__getitem__,
        index=None,
        key=_key(lesson, part),
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("learn.reveal"),
            type="primary",
            disabled=chosen is None,
            key=f"reveal_{part.name}",
            on_click=reveal,
            args=(lesson, part),
        )
        if chosen is None:
            st.button(
                t("learn.anyway"),
                type="tertiary",
                key=f"anyway_{part.name}",
                on_click=reveal,
                args=(lesson, part),
            )


def _marked_options(lesson: Lesson, part: QuizQuestion, given: str) -> None:
    """Options with signs, the reasons of the chosen and the right one, the others' in a fold."""
    right = right_option(lesson.id, part.name)
    order = shown_order(lesson, part)
    st.markdown("\n".join(f"- {_marked(part, at, right, given)}" for at in order))
    if given not in (str(right), NO_GUESS):
        said = t("learn.wrong", option=part.options[int(given)])
        st.warning(_with_reason(said, part, int(given)), icon=":material/close:")
    said = t("learn.right" if given == str(right) else "learn.is", option=part.options[right])
    show = st.success if given == str(right) else st.info
    show(_with_reason(said, part, right), icon=":material/check:")
    others = [at for at in order if str(at) != given and at != right and part.explanations[at]]
    if others:
        with st.expander(t("learn.others")):
            for at in others:
                st.markdown(_with_reason(f"*{part.options[at]}*", part, at))


def _marked(part: QuizQuestion, at: int, right: int, given: str) -> str:
    option = part.options[at]
    if at == right:
        return f":material/check: **{option}**"
    return f":material/close: {option}" if str(at) == given else option


def _with_reason(said: str, part: QuizQuestion, at: int) -> str:
    return "  \n".join(filter(None, (said, part.explanations[at])))
