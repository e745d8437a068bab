"""Eigenvalues of every step's Jacobian along the run."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.run_eigenvalues import RunEigenvalues, run_eigenvalues
from rnnviz.figures.run_eigenvalues import figure
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun
from rnnviz.ui.understand.step_mark import StepMark, column


def _compute(seen: SeenRun) -> RunEigenvalues:
    found: RunEigenvalues = seen.call(run_eigenvalues, seen.model, seen.trace, layer=seen.layer)
    return found


def _said(found: RunEigenvalues) -> InsightSentence:
    facts = {
        "median": f"{np.median(found.radius):.3g}",
        "above": int((found.radius > 1).sum()),
        "steps": len(found.radius),
    }
    return InsightSentence("understand.eigenvalues.said", facts)


def _marks(found: RunEigenvalues) -> tuple[StepMark, ...]:
    return (column(len(found.tokens), found.start + 1),)


INSIGHT = Insight(
    "eigenvalues",
    "rv.run_eigenvalues(model, trace, layer={layer})",
    _compute,
    _said,
    figure,
    marks=_marks,
    heeds_changes=True,
)
