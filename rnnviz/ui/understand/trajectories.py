"""Trajectories: the states of the run in their first principal components."""

from __future__ import annotations

from rnnviz.analysis.trajectories import Trajectories, trajectories
from rnnviz.figures.trajectories import figure
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun


def _compute(seen: SeenRun) -> Trajectories:
    return trajectories(seen.trace, layer=seen.layer)


def _said(found: Trajectories) -> InsightSentence:
    n = len(found.explained)
    facts = {
        "count": n,
        "share": f"{found.explained.sum():.0%}",
        "size": found.components.mean.size,
    }
    return InsightSentence("understand.trajectories.said", facts)


INSIGHT = Insight("trajectories", "rv.trajectories(trace, layer={layer})", _compute, _said, figure)
