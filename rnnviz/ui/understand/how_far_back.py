"""How far back: gradients between all pairs of steps."""

from __future__ import annotations

from rnnviz.analysis.connectivity import Connectivity, connectivity
from rnnviz.figures.connectivity import figure
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun
from rnnviz.ui.understand.step_mark import StepMark, crossing


def _compute(seen: SeenRun) -> Connectivity:
    level = seen.trace.layers[seen.layer].level
    found: Connectivity = seen.call(connectivity, seen.model, seen.trace, level=level)
    return found


def _said(found: Connectivity) -> InsightSentence:
    facts = {"length": f"{found.memory_length:g}", "steps": len(found.tokens)}
    return InsightSentence("understand.how_far_back.said", facts)


def _marks(found: Connectivity) -> tuple[StepMark, ...]:
    return crossing(len(found.tokens), found.start + 1)


INSIGHT = Insight(
    "how_far_back",
    "rv.connectivity(model, trace, level={level})",
    _compute,
    _said,
    figure,
    marks=_marks,
    heeds_changes=True,
)
