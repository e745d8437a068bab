"""Views of the page Understand by the question that they answer, in the order of offering."""

from __future__ import annotations

from rnnviz.ui.understand import (
    automaton,
    coloured_text,
    eigenvalues,
    exponents,
    fixed_points,
    health,
    how_far_back,
    inputs,
    memory,
    patching,
    phase,
    training,
    trajectories,
    two_networks,
    unit_finder,
    write,
    written_answer,
)
from rnnviz.ui.understand.insight import Insight

QUESTIONS: dict[str, tuple[Insight, ...]] = {
    "remembers": (
        coloured_text.INSIGHT,
        unit_finder.INSIGHT,
        memory.INSIGHT,
        how_far_back.INSIGHT,
    ),
    "answers": (
        inputs.INSIGHT,
        written_answer.INSIGHT,
        patching.INSIGHT,
    ),
    "computes": (
        trajectories.INSIGHT,
        fixed_points.INSIGHT,
        phase.INSIGHT,
        eigenvalues.INSIGHT,
        exponents.INSIGHT,
        health.INSIGHT,
    ),
    "learned": (
        automaton.INSIGHT,
        write.INSIGHT,
        training.INSIGHT,
        two_networks.INSIGHT,
    ),
}
INSIGHTS: dict[str, Insight] = {one.key: one for views in QUESTIONS.values() for one in views}
# A view that every run has.
OPENS_WITH = trajectories.INSIGHT.key
