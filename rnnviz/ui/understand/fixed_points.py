"""Fixed points: where the states stay while nothing is read."""

from __future__ import annotations

from rnnviz.analysis.fixed_points import FixedPoints, fixed_points
from rnnviz.figures.fixed_points import figure
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun


def _compute(seen: SeenRun) -> FixedPoints:
    found: FixedPoints = seen.call(fixed_points, seen.model, layer=seen.layer)
    return found


def _said(found: FixedPoints) -> InsightSentence:
    if not len(found):
        return InsightSentence("understand.fixed_points.none", {})
    n_stable = found.counts.get(0, 0)
    facts = {"count": len(found), "stable": n_stable, "unstable": len(found) - n_stable}
    key = "understand.fixed_points.cut" if found.is_cut else "understand.fixed_points.said"
    return InsightSentence(key, facts)


INSIGHT = Insight("fixed_points", "rv.fixed_points(model, layer={layer})", _compute, _said, figure)
