"""The choice of a view: first the question, then the views that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.run import ShownRun
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight
from rnnviz.ui.understand.registry import INSIGHTS, OPENS_WITH, QUESTIONS
from rnnviz.ui.widget_keys import keyed, on_user_change


def insight_choice(run: ShownRun | None) -> Insight:
    """The questions, the views of the chosen one, and what the chosen view asks.

    Views that cannot be of the run stand last and say so.
    """
    state.fall_back("understand", [OPENS_WITH, *INSIGHTS])
    offered = {name: _ordered(views, run) for name, views in QUESTIONS.items()}
    question = _question_choice(state.text_of("understand"), offered)
    views, text = offered[question], partial(_name, run)
    select("understand", views, text=text, is_labelled=False, has_help=False)
    one = INSIGHTS[state.text_of("understand")]
    st.caption(t(f"understand.{one.key}.about"))
    return one


def _ordered(views: tuple[Insight, ...], run: ShownRun | None) -> list[str]:
    return [one.key for one in sorted(views, key=lambda one: not _serves(one, run))]


def _serves(one: Insight, run: ShownRun | None) -> bool:
    return run is None or one.serves(run)


def _name(run: ShownRun | None, view: str) -> str:
    name = t(f"understand.{view}")
    return name if _serves(INSIGHTS[view], run) else t("understand.not_here", name=name)


def _question_choice(view: str, offered: Mapping[str, list[str]]) -> str:
    """Buttons of the questions; that of the shown view is pressed."""
    holds = next(name for name, views in offered.items() if view in views)
    name = keyed("understand_question", holds)
    st.segmented_control(
        t("understand.question"),
        list(offered),
        default=holds,
        format_func=lambda question: t(f"understand.question.{question}"),
        required=True,
        key=name,
        label_visibility="collapsed",
        on_change=on_user_change,
        args=(name, _take_question, name, offered),
    )
    return holds


def _take_question(name: str, offered: Mapping[str, list[str]]) -> None:
    state.put(understand=offered[st.session_state[name]][0])
