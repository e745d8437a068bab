"""Write on: a network of the next token goes on with the text, and the player plays what is new."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rnnviz.analysis.answer import Answer
from rnnviz.engine.next_token import predicts_next
from rnnviz.engine.write import write
from rnnviz.errors import RnnvizError
from rnnviz.interventions.serialise import from_text
from rnnviz.ui import results, state
from rnnviz.ui.build import WINDOW
from rnnviz.ui.choices import MAX_SEED, TEMPERATURES
from rnnviz.ui.controls.widgets import number_field, select, text_button
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice, TypedText
from rnnviz.ui.text import t, warn

# Tokens that one press of the button writes, and the longest text that the field holds.
N_WRITTEN = 60
_MAX_TEXT = 2_000
_PAST, _NOTICE, _PLAYS = "written_before", "write_notice", "write_plays"


@dataclass(frozen=True)
class Writing:
    """A text of which the end was written by the network.

    before  the text that it read first, of `n_read` tokens.
    after   that text and what was written.
    """

    before: str
    n_read: int
    after: str


def last_writing(run: RunChoice) -> Writing | None:
    """The last writing, where the run reads it; None where the text is another now."""
    past: list[Writing] = st.session_state.get(_PAST, [])
    is_shown = bool(past) and isinstance(run.input, TypedText) and run.input.text == past[-1].after
    return past[-1] if is_shown else None


def n_plays() -> int:
    """Number of times that the player was asked to play what was written."""
    return int(st.session_state.get(_PLAYS, 0))


def write_controls(run: ShownRun, shown: Answer) -> None:
    """The button, its temperature and seed, and the way back; nothing where none can be written."""
    typed = run.choice.input
    if shown.kind != "next" or not isinstance(typed, TypedText) or not predicts_next(run.model):
        return
    if notice := st.session_state.pop(_NOTICE, None):
        warn(notice)
    left = _tokens_left(typed.text, shown.n_steps)
    with st.container(horizontal=True, vertical_alignment="center", key="write"):
        st.button(
            t("write"),
            icon=":material/edit_note:",
            key="write_on",
            on_click=_write_on,
            args=(run.choice, shown.n_steps, left),
            disabled=left < 1,
            # Over the button a hint would lie on the answer that is read next.
            help=None if left else t("write.full"),
        )
        with st.popover(t("write.how"), icon=":material/tune:", key="write_how"):
            st.caption(t("write.help"))
            select("temperature", TEMPERATURES, text=str)
            number_field("dice", 0, MAX_SEED)
        if last_writing(run.choice) is not None:
            text_button(t("write.undo"), "write_undo", _undo, icon=":material/undo:")


def _tokens_left(text: str, n_steps: int) -> int:
    """Tokens that can still be written so that every step can be shown."""
    return max(0, min(N_WRITTEN, WINDOW - n_steps, _MAX_TEXT - len(text)))


def _write_on(run: RunChoice, n_read: int, n: int) -> None:
    typed = run.input
    assert isinstance(typed, TypedText)
    model = results.model_of(run.model, 0)
    held = from_text(run.interventions) if run.interventions else ()
    warmth = float(state.get("temperature"))
    try:
        done = write(
            model, typed.text, n, temperature=warmth, seed=state.get("dice"), intervene=held
        )
    except RnnvizError as error:
        state.put(**{_NOTICE: error})
        return
    # A word may be longer than the field has room for.
    whole = done.whole[:_MAX_TEXT]
    past = [*st.session_state.get(_PAST, []), Writing(typed.text, n_read, whole)][-20:]
    state.put(says=whole, **{_PAST: past, _PLAYS: n_plays() + 1})
    state.move_cursor(n_read - 1)


def _undo() -> None:
    *past, last = st.session_state[_PAST]
    state.put(says=last.before, **{_PAST: past})
    state.move_cursor(last.n_read - 1)
