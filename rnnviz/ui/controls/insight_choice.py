"""The choice of a view: first the question, then the views that answer it."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight
from rnnviz.ui.understand.registry import INSIGHTS, OPENS_WITH, QUESTIONS
from rnnviz.ui.widget_keys import keyed, on_user_change


def insight_choice() -> Insight:
    """The questions, the views of the chosen one, and what the chosen view asks."""
    state.fall_back("understand", [OPENS_WITH, *INSIGHTS])
    question = _question_choice(state.text_of("understand"))
    views = [one.key for one in QUESTIONS[question]]
    select("understand", views, is_labelled=False, has_help=False)
    one = INSIGHTS[state.text_of("understand")]
    st.caption(t(f"understand.{one.key}.about"))
    return one


def _question_choice(view: str) -> str:
    """Buttons of the questions; that of the shown view is pressed."""
    holds = next(name for name, views in QUESTIONS.items() if INSIGHTS[view] in views)
    name = keyed("understand_question", holds)
    st.segmented_control(
        t("understand.question"),
        list(QUESTIONS),
        default=holds,
        format_func=lambda question: t(f"understand.question.{question}"),
        required=True,
        key=name,
        label_visibility="collapsed",
        on_change=on_user_change,
        args=(name, _take_question, name),
    )
    return holds


def _take_question(name: str) -> None:
    state.put(understand=QUESTIONS[st.session_state[name]][0].key)
