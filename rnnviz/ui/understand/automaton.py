"""The automaton behind a network over a small alphabet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.analysis.automaton import Automaton
from rnnviz.analysis.find_automaton import automaton
from rnnviz.analysis.network_answers import network_answers
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, ModelError, RnnvizError
from rnnviz.figures.automaton import figure, state_places
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import token_label
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS
from rnnviz.ui.results import CACHE, model_of
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import (
    ModelChoice,
    OpenedModel,
    PresetModel,
    RunChoice,
    TypedText,
)
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, always
from rnnviz.ui.understand.step_mark import StepMark

# The ring is a little larger than a state's disc.
_NOTHING = TypedText("", "characters")
_WORDS, _MOST_STATES, _MOST_DRAWN, _RING = 40, 20, 60, 23


@dataclass(frozen=True, eq=False)
class VisitedStates:
    """An automaton, and its state (time,) after every step of the run; -1 where it has none."""

    found: Automaton
    states: Array

    def to_frame(self) -> Any:
        """The table of the transitions."""
        return self.found.to_frame()


def _compute(seen: SeenRun) -> VisitedStates:
    # Whatever the network reads now, it has one automaton.
    of_model = SeenRun(RunChoice(seen.run.model, _NOTHING), call=seen.call)
    found = _automaton_of(of_model, seen.trace.sequence.n_features)
    if found.n_states > _MOST_DRAWN:
        raise InputError(
            "No small automaton answers as this network does, for {came} states were reached;"
            " choose the one that counts brackets in the list of models.",
            came=found.n_states,
        )
    return VisitedStates(found, found.states(seen.trace))


@CACHE.cached
def _automaton_of(seen: SeenRun, n_inputs: int) -> Automaton:
    """The automaton of a run's model. Raises InputError where it has none."""
    choice = seen.run.model
    model, words = model_of(choice, n_inputs), _words(choice)
    try:
        found: Automaton = seen.call(automaton, model, words=words, max_states=_MOST_STATES)
    except (InputError, ModelError) as error:
        # What those advise is for who calls the library.
        raise InputError(
            "An automaton is learned from a network that reads at most 16 symbols and answers with"
            " one of several outputs; choose the one that counts brackets in the list of models."
        ) from error
    return found


def _words(model: ModelChoice) -> Sequence | None:
    """Words of the task that a model trained here was made for; None for all words."""
    if not isinstance(model, OpenedModel) or not isinstance(model.origin, PresetModel):
        return None
    task = TASKS[preset(model.origin.name).task]
    return task.held_out_batch(np.random.default_rng(1), _WORDS).sequence


def _said(one: VisitedStates) -> InsightSentence:
    found = one.found
    facts = {
        "states": found.n_states,
        "right": f"{found.n_right:,}",
        "steps": f"{found.n_steps:,}",
    }
    key = "understand.automaton.said" if found.is_settled else "understand.automaton.stopped"
    return InsightSentence(key, facts)


def _draw(one: VisitedStates, look: Look) -> PlotlyJson:
    return figure(one.found, look)


def _marks(one: VisitedStates) -> tuple[StepMark, ...]:
    across, up = np.where(one.states < 0, np.nan, state_places(one.found)[one.states].T)
    return (StepMark(across, up, radius=_RING),)


def _beneath(one: VisitedStates) -> None:
    """The shortest words on which network and automaton part."""
    found = one.found
    if not found.parted:
        st.markdown(t("automaton.agree", length=found.n_complete))
        return
    heads = (t(f"understand.automaton.{name}") for name in ("word", "network", "automaton"))
    st.markdown(f"**{t('understand.automaton.parted')}**")
    rows = [
        (" ".join(map(token_label, parted.word)), parted.network, parted.automaton)
        for parted in found.parted
    ]
    lines = [" | ".join(heads), ":-- | :-- | :--", *map(_row, rows)]
    st.markdown("\n".join(f"| {line} |" for line in lines))


def _row(cells: tuple[str, ...]) -> str:
    return " | ".join(map(escape_markdown, cells))


def _serves(run: ShownRun) -> bool:
    try:
        network_answers(run.model, None, None)
    except RnnvizError:
        return False
    return True


INSIGHT = Insight(
    "automaton",
    "rv.automaton(model, words=…)",
    _compute,
    _said,
    _draw,
    beneath=_beneath,
    marks=_marks,
    serves=_serves,
    fitting="preset:brackets_lstm",
    is_beside=True,
    takes_long=always,
)
