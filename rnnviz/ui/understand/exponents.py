"""Lyapunov exponents: how fast small changes of the state grow or fade along the run."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.lyapunov import LyapunovExponents, lyapunov
from rnnviz.figures.lyapunov import figure
from rnnviz.formatting import format_number
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun
from rnnviz.ui.understand.step_mark import StepMark


def _compute(seen: SeenRun) -> LyapunovExponents:
    found: LyapunovExponents = seen.call(lyapunov, seen.model, seen.trace, layer=seen.layer)
    return found


def _said(found: LyapunovExponents) -> InsightSentence:
    largest = float(found.exponents[0])
    facts = {
        "largest": format_number(largest),
        "error": format_number(float(found.errors[0])),
        "steps": len(found.growth),
        "growing": int((found.exponents > 0).sum()),
        "count": len(found.exponents),
    }
    key = "understand.exponents.grow" if largest > 0 else "understand.exponents.fade"
    return InsightSentence(key, facts)


def _marks(found: LyapunovExponents) -> tuple[StepMark, ...]:
    steps = np.arange(found.skipped + len(found.growth))
    return (StepMark(x=np.where(steps >= found.skipped, steps + 1.0, np.nan)),)


INSIGHT = Insight(
    "exponents",
    "rv.lyapunov(model, trace, layer={layer})",
    _compute,
    _said,
    figure,
    marks=_marks,
    heeds_changes=True,
)
