"""The network's answer, the largest thing beside the input."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.answer import Answer
from rnnviz.inputs.tokenise import between_tokens, vocabulary_kind
from rnnviz.network.model import Model
from rnnviz.ui import results, state
from rnnviz.ui.controls.model_file import choose_model
from rnnviz.ui.controls.widgets import switch, text_button
from rnnviz.ui.controls.write_on import last_writing, n_plays, write_controls
from rnnviz.ui.player.answer import Passage, answer_chart, answer_notes
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import ViewChoice
from rnnviz.ui.text import t

_TRAINED = "preset:languages_gru"


def answer_panel(run: ShownRun, view: ViewChoice, name: str, group: str) -> None:
    """The answer at the player's step; of a run with interventions, beside it what it was without.

    name  of the numbers of the run, for the browser: other numbers have another name.
    """
    choice, is_next = run.choice, state.get("predicts") == "next"
    language = view.look.language
    shown = results.answer_of(choice, is_next, language)
    if shown is None:
        _no_answer(run.model)
        return
    original = None
    if choice.interventions:
        original = results.answer_of(choice.untouched, is_next, language)
    answer_chart(
        shown,
        key="answer_chart",
        playhead=group,
        language=language,
        notes=answer_notes(shown, language),
        original=original,
        passage=_passage(run, name) if shown.kind == "next" else None,
    )
    write_controls(run, shown)
    if may_predict_next(run.model, shown):
        switch("predicts", "next", draw=st.checkbox)


def may_predict_next(model: Model, shown: Answer) -> bool:
    """True where the outputs may be the token to come, and nothing but the user can say so."""
    has_tokens = model.vocabulary is not None and len(model.vocabulary) == len(shown.names)
    return has_tokens and model.is_trained and not shown.task and shown.kind in ("classes", "next")


def _passage(run: ShownRun, name: str) -> Passage:
    """The text up to the cursor, and from where on the network wrote it."""
    tokens = run.trace.sequence.tokens[0]
    written = last_writing(run.choice)
    glue = between_tokens(vocabulary_kind(run.model.vocabulary or ()))
    if written is None:
        return Passage(tokens, len(tokens), glue)
    return Passage(tokens, written.n_read, glue, name, n_plays())


def _no_answer(model: Model) -> None:
    reason = "readout" if model.is_trained else "untrained"
    with st.container(horizontal=True, vertical_alignment="center", key="no_answer"):
        st.markdown(f"#### {t(f'answer.none.{reason}')}", width="content")
        text_button(t("answer.open_trained"), "open_trained", choose_model, _TRAINED)
    st.caption(t(f"answer.none.{reason}.help"))
