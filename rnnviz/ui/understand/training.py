"""Before and after training: how alike the states are on the run's input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.analysis.similarity import Similarity, similarity
from rnnviz.errors import InputError
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.similarity import figure
from rnnviz.figures.theme import Look
from rnnviz.ui import results
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import OpenedModel, PresetModel
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun


def _compute(seen: SeenRun) -> Similarity:
    model = seen.run.model
    if not isinstance(model, OpenedModel) or not isinstance(model.origin, PresetModel):
        raise InputError(
            "The weights before training are known of the models trained here; choose one of them"
            " in the list of models."
        )
    untrained = replace(model, origin=replace(model.origin, moment=0))
    before = results.trace_of(replace(seen.run, model=untrained))
    found: Similarity = seen.call(similarity, before, seen.trace)
    return found


def _said(found: Similarity) -> InsightSentence:
    own, by_chance = np.diagonal(found.cka), np.diagonal(found.chance)
    if np.isnan(own).all():
        return InsightSentence("understand.training.none", {})
    least = int(np.nanargmin(own))
    facts = {
        "cka": f"{own[least]:.2f}",
        "chance": f"{by_chance[least]:.2f}",
        "steps": found.n_steps,
    }
    return InsightSentence("understand.training.said", facts)


def _draw(found: Similarity, look: Look) -> PlotlyJson:
    # The names of the two say which of them is not trained.
    found = replace(found, is_trained=True)
    names = look.word("understand.training.before"), look.word("understand.training.after")
    return figure(found, look, names=names)


def _serves(run: ShownRun) -> bool:
    model = run.choice.model
    return isinstance(model, OpenedModel) and isinstance(model.origin, PresetModel)


INSIGHT = Insight(
    "training",
    "rv.similarity(trace_before, trace_after)",
    _compute,
    _said,
    _draw,
    serves=_serves,
    fitting="preset:brackets_lstm",
    heeds_changes=True,
)
