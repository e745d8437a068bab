"""A lesson's exercise: a prompt, an answer that is checked, and the solution on demand."""

from __future__ import annotations

import streamlit as st

from rnnviz.errors import InputError
from rnnviz.lessons.checking import is_right_number, read_number
from rnnviz.lessons.interactive import ExerciseAnswer, NumberAnswer, OptionAnswer, SettingsAnswer
from rnnviz.lessons.lesson import Exercise, Lesson
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.registry import lesson_code
from rnnviz.ui import state
from rnnviz.ui.text import error_text, t

# The answers checked in this session, by lesson and exercise.
_CHECKED = "checked_exercises"


def exercise_box(lesson: Lesson, part: Exercise) -> None:
    """Prompt, field or options, and the verdict on the answer that was checked last."""
    names = [one.name for one in lesson.exercises]
    number = names.index(part.name) + 1
    with st.container(border=True, key=f"exercise_{part.name}"):
        st.caption(t("learn.exercise", number=number, count=len(names)))
        st.markdown(f"**{part.prompt}**")
        wanted = lesson_code(lesson.id).exercises[part.name]
        answer = _field(lesson, part, wanted)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                t("learn.check"),
                key=f"check_{part.name}",
                disabled=answer is None,
                on_click=_check,
                args=(lesson, part, answer),
            )
            st.toggle(t("learn.solution"), key=f"solution_{lesson.id}_{part.name}")
        checked = st.session_state.get(_CHECKED, {}).get((lesson.id, part.name))
        if checked is not None:
            _verdict(lesson, part, wanted, checked)
        if st.session_state[f"solution_{lesson.id}_{part.name}"]:
            st.info(part.solution, icon=":material/lightbulb:")


def _field(lesson: Lesson, part: Exercise, wanted: ExerciseAnswer) -> str | None:
    """What the reader answers now; None where nothing can be checked yet."""
    key = f"exercise_{lesson.id}_{part.name}"
    if isinstance(wanted, OptionAnswer):
        chosen = st.radio(
            part.prompt,
            option_order(len(part.options), state.get("mix"), lesson.id, part.name),
            format_func=part.options.__getitem__,
            index=None,
            key=key,
            label_visibility="collapsed",
        )
        return None if chosen is None else str(chosen)
    if isinstance(wanted, NumberAnswer):
        typed = st.text_input(
            part.prompt,
            key=key,
            label_visibility="collapsed",
            placeholder=t("learn.number"),
            max_chars=40,
            width=240,
        )
        return typed.strip() or None
    st.caption(t("learn.by_settings"))
    return "settings"


def _check(lesson: Lesson, part: Exercise, answer: str) -> None:
    every = st.session_state.get(_CHECKED, {})
    state.put(**{_CHECKED: {**every, (lesson.id, part.name): answer}})


def _verdict(lesson: Lesson, part: Exercise, wanted: ExerciseAnswer, answer: str) -> None:
    try:
        is_right = _is_right(lesson, wanted, answer)
    except InputError as error:
        st.warning(error_text(error), icon=":material/error:")
        return
    said = t("exercise.right" if is_right else "exercise.wrong")
    if isinstance(wanted, OptionAnswer):
        said = "  \n".join((said, part.options[int(answer)], part.explanations[int(answer)]))
    show = st.success if is_right else st.warning
    show(said, icon=":material/check:" if is_right else ":material/close:")


def _is_right(lesson: Lesson, wanted: ExerciseAnswer, answer: str) -> bool:
    if isinstance(wanted, NumberAnswer):
        return is_right_number(wanted, read_number(answer))
    if isinstance(wanted, OptionAnswer):
        return answer == str(wanted.right())
    assert isinstance(wanted, SettingsAnswer)
    return wanted.reached(state.settings(lesson.id))
