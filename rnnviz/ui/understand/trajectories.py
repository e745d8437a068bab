"""Trajectories: the states of the run in their first principal components."""

from __future__ import annotations

from rnnviz.analysis.trajectories import Trajectories, trajectories
from rnnviz.figures.trajectories import figure
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun
from rnnviz.ui.understand.step_mark import StepMark

_RING = 9


def _compute(seen: SeenRun) -> Trajectories:
    found: Trajectories = seen.call(trajectories, seen.trace, layer=seen.layer)
    return found


def _said(found: Trajectories) -> InsightSentence:
    n = len(found.explained)
    facts = {
        "count": n,
        "share": f"{found.explained.sum():.0%}",
        "size": found.components.mean.size,
    }
    return InsightSentence("understand.trajectories.said", facts)


def _marks(found: Trajectories) -> tuple[StepMark, ...]:
    places = found.coordinates[:, 0]
    planes = range(1, min(places.shape[1], 3)) or [0]
    return tuple(
        StepMark(places[:, 0], places[:, up], number, _RING)
        for number, up in enumerate(planes, start=1)
    )


INSIGHT = Insight(
    "trajectories",
    "rv.trajectories(trace, layer={layer})",
    _compute,
    _said,
    figure,
    marks=_marks,
    heeds_changes=True,
)
