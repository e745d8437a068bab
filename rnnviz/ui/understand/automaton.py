"""The automaton behind a network over a small alphabet."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.automaton import Automaton
from rnnviz.analysis.find_automaton import automaton
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, ModelError
from rnnviz.figures.automaton import figure
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS
from rnnviz.ui.selections import ModelChoice, OpenedModel, PresetModel
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun

_WORDS, _MOST_STATES = 100, 20


def _compute(seen: SeenRun) -> Automaton:
    words = _words(seen.run.model)
    try:
        return automaton(seen.model, words=words, max_states=_MOST_STATES)
    except (InputError, ModelError) as error:
        # What those advise is for who calls the library.
        raise InputError(
            "An automaton is learned from a network that reads at most 16 symbols and answers with"
            " one of several outputs; choose the one that counts brackets in the list of models."
        ) from error


def _words(model: ModelChoice) -> Sequence | None:
    """Words of the task that a model trained here was made for; None for all words."""
    if not isinstance(model, OpenedModel) or not isinstance(model.origin, PresetModel):
        return None
    task = TASKS[preset(model.origin.name).task]
    return task.held_out_batch(np.random.default_rng(1), _WORDS).sequence


def _said(found: Automaton) -> InsightSentence:
    facts = {
        "states": found.n_states,
        "right": f"{found.n_right:,}",
        "steps": f"{found.n_steps:,}",
    }
    key = "understand.automaton.said" if found.is_settled else "understand.automaton.stopped"
    return InsightSentence(key, facts)


INSIGHT = Insight("automaton", "rv.automaton(model, words=…)", _compute, _said, figure)
