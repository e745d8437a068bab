"""A lesson's exercise: a prompt, an answer that is checked, and the solution on demand."""

from __future__ import annotations

import streamlit as st

from rnnviz.errors import InputError
from rnnviz.lessons.checking import hint, is_right, read_number
from rnnviz.lessons.interactive import ExerciseAnswer, NumberAnswer, OptionAnswer, SettingsAnswer
from rnnviz.lessons.lesson import Exercise, Lesson
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.registry import lesson_code
from rnnviz.ui import state, url
from rnnviz.ui.own_progress import own_progress, record_answer
from rnnviz.ui.text import error_text, escape_markdown, t
from rnnviz.ui.widget_keys import current_key, keyed


def exercise_box(lesson: Lesson, part: Exercise) -> None:
    """Prompt, field or options, and the verdict on the answer that was checked last."""
    names = [one.name for one in lesson.exercises]
    number = names.index(part.name) + 1
    if number == 1:
        st.markdown(f"## {t('learn.exercises')}")
    with st.container(border=True, key=f"exercise_{part.name}"):
        st.caption(t("learn.exercise", number=number, count=len(names)))
        st.markdown(f"**{part.prompt}**")
        wanted = lesson_code(lesson.id).exercises[part.name]
        checked = own_progress().of(lesson.id).get(part.name)
        # A form is sent whole: by Enter, and by the first click right after typing.
        with st.form(f"form_{part.name}", border=False):
            _field(lesson, part, wanted, checked)
            st.form_submit_button(
                t("learn.check"),
                key=f"check_{part.name}",
                on_click=_check,
                args=(lesson, part, wanted),
            )
        if checked is not None:
            _verdict(lesson, part, wanted, checked)
        if st.toggle(t("learn.solution"), key=f"solution_{lesson.id}_{part.name}"):
            st.info(part.solution, icon=":material/lightbulb:")


def _key(lesson: Lesson, part: Exercise) -> str:
    return f"exercise_{lesson.id}_{part.name}"


def _shown_key(lesson: Lesson, part: Exercise, checked: str | int | None) -> str:
    """Key of a field that shows the answer checked last, where there is one."""
    key = _key(lesson, part)
    return current_key(key) if checked is None else keyed(key, checked)


def _field(lesson: Lesson, part: Exercise, wanted: ExerciseAnswer, checked: str | None) -> None:
    """Options or a field for a number, with the answer that was checked last, or a word on the
    controls that are to be set.
    """
    if isinstance(wanted, OptionAnswer):
        order = option_order(len(part.options), state.get("mix"), lesson.id, part.name)
        known = next((at for at in order if str(at) == checked), None)
        st.radio(
            part.prompt,
            order,
            format_func=part.options.__getitem__,
            index=None if known is None else order.index(known),
            key=_shown_key(lesson, part, known),
            label_visibility="collapsed",
        )
    elif isinstance(wanted, NumberAnswer):
        st.text_input(
            part.prompt,
            checked or "",
            key=_shown_key(lesson, part, checked),
            label_visibility="collapsed",
            placeholder=t("learn.number"),
            max_chars=40,
            width=240,
        )
    else:
        st.caption(t("learn.by_settings"))


def _check(lesson: Lesson, part: Exercise, wanted: ExerciseAnswer) -> None:
    """Take the answer that is there, if any."""
    if isinstance(wanted, SettingsAnswer):
        answer = url.write_settings(dict(state.settings(lesson.id)))
    else:
        given = st.session_state.get(current_key(_key(lesson, part)))
        answer = "" if given is None else str(given).strip()
    if answer:
        record_answer(lesson.id, part.name, answer)


def _verdict(lesson: Lesson, part: Exercise, wanted: ExerciseAnswer, answer: str) -> None:
    right = is_right(lesson.id, part.name, answer)
    said = t("exercise.right" if right else "exercise.wrong")
    if isinstance(wanted, OptionAnswer) and answer in map(str, range(len(part.options))):
        said = "  \n".join((said, part.options[int(answer)], part.explanations[int(answer)]))
    elif isinstance(wanted, NumberAnswer):
        said = _said_of_number(said, answer)
    if not right and (advice := hint(lesson.id, part, answer)):
        said = "  \n".join((said, advice))
    show = st.success if right else st.warning
    show(said, icon=":material/check:" if right else ":material/close:")


def _said_of_number(said: str, answer: str) -> str:
    """The verdict after the number that it is on, or why that is no number."""
    try:
        read_number(answer)
    except InputError as error:
        return error_text(error)
    return t("exercise.number", answer=escape_markdown(answer), verdict=said)
