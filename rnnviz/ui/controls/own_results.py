"""What the reader has answered: a table, a file and a link to hand in."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.learner_answers import (
    NO_GUESS,
    LearnerAnswers,
    pack_answers,
    results,
    results_csv,
    unpack_answers,
)
from rnnviz.lessons.registry import lesson, numbered_title
from rnnviz.ui import state
from rnnviz.ui.controls.lesson_list import list_button
from rnnviz.ui.own_progress import clear_answers, own_progress, set_learner_name
from rnnviz.ui.text import escape_markdown, t

_NAME = "results_name"


def own_results() -> None:
    """The reader's results in a fold, with a name to put on them, and a new beginning."""
    fold = st.expander(
        t("results.own"), icon=":material/fact_check:", key="own_results", on_change="rerun"
    )
    if not fold.open:
        return
    progress, language = own_progress(), state.language()
    with fold:
        st.markdown(t("results.about"))
        if not progress.answers:
            st.caption(t("results.none"))
            return
        _table(progress)
        st.text_input(
            t("results.name"),
            progress.name,
            max_chars=60,
            key=_NAME,
            on_change=lambda: set_learner_name(st.session_state[_NAME].strip()),
        )
        st.caption(t("results.link"))
        st.code(_link(progress), language=None, wrap_lines=True)
        st.download_button(
            t("results.csv"),
            data=lambda: results_csv(progress, language),
            file_name="rnnviz-results.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.toggle(t("results.anew"), key="wants_anew"):
            st.markdown(t("results.anew_help"))
            st.button(t("results.anew_yes"), key="begin_anew", on_click=_clear_answers)


def _clear_answers() -> None:
    clear_answers()
    state.put(wants_anew=False)


def shared_results(packed: str) -> None:
    """The results that a link carries, to look at only."""
    list_button()
    progress = unpack_answers(packed)
    name = escape_markdown(progress.name) or t("results.unnamed")
    st.markdown(f"# {t('results.of', name=name)}")
    _table(progress)


def _link(progress: LearnerAnswers) -> str:
    base = str(st.context.url or "").partition("?")[0].rstrip("/")
    return f"{base}?lang={state.language()}&results={pack_answers(progress)}"


def _table(progress: LearnerAnswers) -> None:
    """A row for every answer: what was chosen, whether it is right, and when."""
    language = state.language()
    rows = [
        {
            t("results.lesson"): numbered_title(row["lesson"], language),
            t("results.question"): _asked(row["lesson"], row["question"]),
            t("results.chosen"): row["words"] or _plain(row["chosen"]),
            t("results.verdict"): t(f"results.right.{row['right']}"),
            t("results.time"): row["time"].replace("T", " ").removesuffix("Z"),
        }
        for row in results(progress, language)
    ]
    st.dataframe(rows, hide_index=True)


def _asked(id: str, name: str) -> str:
    """Which of a lesson's questions or exercises this is."""
    text = lesson(id, state.language())
    for number, question in enumerate(text.questions, start=1):
        if question.name == name:
            return t("results.task", number=number)
    names = [exercise.name for exercise in text.exercises]
    return t("results.exercise", number=names.index(name) + 1)


def _plain(chosen: str) -> str:
    return t("results.shown") if chosen == NO_GUESS else chosen
