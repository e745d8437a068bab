"""One sentence a step under the player: what was read, what the unit did, what was answered."""

from __future__ import annotations

import numpy as np
import streamlit as st

from rnnviz.analysis.step_sentence import step_sentences, telling_sentences
from rnnviz.analysis.unit_steps import changed_most
from rnnviz.ui import results, state
from rnnviz.ui.player.step_sentence import step_sentence_line
from rnnviz.ui.selections import RunChoice, ViewChoice

_KEY = "sentences"


@st.fragment
def step_sentence(run: RunChoice, view: ViewChoice, n_steps: int, group: str, first: int) -> None:
    """The sentence of the step under the cursor, about the picked unit and the one that moved most.

    A newly picked unit reruns only this.

    first  the unit that the browser picks where nobody did.
    """
    trace, layer, language = results.trace_of(run), view.layer, state.language()
    unit = _unit(trace.layers[layer].n_units, first)
    told = results.answer_of(run, state.get("predicts") == "next", language)
    telling = changed_most(trace, layer=layer)
    step_sentence_line(
        key=_KEY,
        playhead=group,
        unit=unit,
        picked=step_sentences(
            trace, np.full(n_steps, unit), layer=layer, view=told, language=language
        ),
        telling=telling_sentences(trace, telling, layer=layer, language=language),
        telling_units=telling.tolist(),
        language=language,
    )


def _unit(n_units: int, first: int) -> int:
    """The unit that the browser asked for, else the picked one, else the first."""
    asked = st.session_state.get(_KEY, {}).get("unit")
    picked = state.picked_unit().rpartition(".")[2]
    unit = asked if asked is not None else int(picked) if picked.isdecimal() else first
    return min(int(unit), n_units - 1)
