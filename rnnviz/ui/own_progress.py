"""The reader's own answers: kept in the session, and by the browser from one visit to the next."""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st

from rnnviz.errors import InputError
from rnnviz.lessons.learner_answers import LearnerAnswers, merged, pack_answers, unpack_answers
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.ui import state
from rnnviz.ui.player.progress_store import progress_store

_OWN, _LOADED, _STORE = "own_progress", "progress_loaded", "progress_store"


def own_progress() -> LearnerAnswers:
    """What this reader has answered."""
    progress = st.session_state.get(_OWN)
    return progress if isinstance(progress, LearnerAnswers) else LearnerAnswers()


def record_answer(lesson: str, task: str, chosen: str) -> None:
    """Remember an answer; a class on the projector is no reader."""
    if not state.get("class"):
        _put(own_progress().with_answer((lesson, task), chosen, int(time.time())))


def clear_answers() -> None:
    """Forget all answers, here and in the browser."""
    _put(own_progress().cleared(int(time.time())))
    state.restore_defaults("guess")


def set_learner_name(name: str) -> None:
    """Set the name that results carry."""
    _put(replace(own_progress(), name=name))


def restore_guesses(id: str) -> None:
    """Show the answers that the reader has given in a lesson as the open page's guesses."""
    given, questions = own_progress().of(id), lesson(id, "en").questions
    answered = [f"{one.name}={given[one.name]}" for one in questions if one.name in given]
    state.put(guess=answered)


def keep_progress() -> None:
    """Let the browser keep the answers, and take what it has kept."""
    progress = own_progress()
    progress_store(
        key=_STORE,
        text="" if progress == LearnerAnswers() else pack_answers(progress),
        is_loaded=bool(st.session_state.get(_LOADED)),
        on_stored=_load,
    )


def _load() -> None:
    stored = st.session_state[_STORE].get("stored")
    state.put(**{_LOADED: True})
    try:
        _put(merged(own_progress(), unpack_answers(str(stored))))
    except InputError:
        return
    # A link that says what is answered shows just that.
    if state.get("lesson") in LESSONS and not state.get("class") and not state.get("guess"):
        restore_guesses(state.get("lesson"))


def _put(progress: LearnerAnswers) -> None:
    state.put(**{_OWN: progress})
