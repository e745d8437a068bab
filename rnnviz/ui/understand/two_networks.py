"""Two networks on one input: how alike their states are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.analysis.dynamical_similarity import (
    MIN_DYNAMICAL_STEPS,
    dynamical_similarity,
    has_dynamical_similarity,
)
from rnnviz.analysis.similarity import Similarity, similarity
from rnnviz.analysis.trace_part import trace_part
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.similarity import figure
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.ui import results
from rnnviz.ui.controls.second_network import network_choice, network_title, second_network
from rnnviz.ui.page_bounds import check_trace_choice
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import ModelChoice
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, always

# Steps that are read to reach a window.
_MOST_READ = 20_000


@dataclass(frozen=True, eq=False)
class TwoNetworks:
    """Likeness of this network's states with another's.

    other  the other's name in links.
    dsa    how far apart both move; None where that cannot be told.
    """

    found: Similarity
    other: str
    dsa: float | None = None

    def to_frame(self) -> Any:
        """The table of all pairs of states."""
        return self.found.to_frame()


def _settings(run: ShownRun) -> tuple[str, ModelChoice]:
    name = second_network(run)
    return name, network_choice(name, run.choice.model, run.model.layers[0].n_hidden)


def _compute(seen: SeenRun) -> TwoNetworks:
    name, model = seen.settings
    other = _trace_of_other(replace(seen, run=replace(seen.run, model=model, interventions="")))
    found: Similarity = seen.call(similarity, seen.trace, other)
    can_tell = has_dynamical_similarity() and found.n_steps >= MIN_DYNAMICAL_STEPS
    distance = seen.call(dynamical_similarity, seen.trace, other) if can_tell else None
    return TwoNetworks(found, name, distance)


def _trace_of_other(seen: SeenRun) -> Trace:
    """Trace of the other network; of a window of a long input it reads all that comes before."""
    run = seen.run
    if run.window is None:
        return results.trace_of(run)
    start, stop = run.window
    if stop > _MOST_READ:
        raise InputError(
            "The second network reads the input from its beginning, at most {most} steps, but the"
            " window ends at {stop}; choose an earlier one.",
            most=_MOST_READ,
            stop=stop,
        )
    source = results.source_of(run.input)
    model = results.model_of(run.model, len(source.features))
    check_trace_choice(model, stop)
    return trace_part(seen.call(trace, model, source.window(0, stop)), 0, start, stop)


def _said(one: TwoNetworks) -> InsightSentence:
    found = one.found
    if np.isnan(found.cka).all():
        return InsightSentence("understand.training.none", {})
    nearest = int(np.nanargmin(found.procrustes))
    beyond = int(np.nanargmax(found.cka - found.chance))
    facts = _pair(found, nearest) | {"other": network_title(one.other), "steps": found.n_steps}
    if nearest == beyond:
        return InsightSentence("understand.two_networks.said", facts)
    others = {f"{name}_by_cka": fact for name, fact in _pair(found, beyond).items()}
    return InsightSentence("understand.two_networks.parted", facts | others)


def _pair(found: Similarity, place: int) -> dict[str, str]:
    """A pair of states, by its place in the flattened tables, and their likeness."""
    row, column = divmod(place, len(found.b))
    numbers = {"cka": found.cka, "chance": found.chance, "distance": found.procrustes}
    return {
        "a": t(f"signal.{found.a[row].state}"),
        "b": t(f"signal.{found.b[column].state}"),
        **{name: f"{values[row, column]:.2f}" for name, values in numbers.items()},
    }


def _draw(one: TwoNetworks, look: Look) -> PlotlyJson:
    names = look.word("two_networks.this"), network_title(one.other)
    return figure(one.found, look, names=names)


def _beneath(one: TwoNetworks) -> None:
    if one.dsa is not None:
        st.markdown(t("two_networks.dsa", distance=format_number(one.dsa)))
    elif has_dynamical_similarity():
        st.caption(t("two_networks.dsa.short", least=MIN_DYNAMICAL_STEPS))
    else:
        st.caption(t("two_networks.dsa.missing"))


INSIGHT = Insight(
    "two_networks",
    "rv.similarity(rv.trace(model, sequence), rv.trace(other, sequence))",
    _compute,
    _said,
    _draw,
    _settings,
    _beneath,
    takes_long=always,
)
