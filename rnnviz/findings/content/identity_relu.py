"""A simple RNN with ReLU that starts from the identity solves the adding problem."""

from __future__ import annotations

import numpy as np

from rnnviz.findings.chart import FindingChart
from rnnviz.findings.content.adding_problem import at_chance, held_out_errors
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.tasks import TASKS

_MODELS = ("adding_rnn_identity", "adding_rnn", "adding_lstm")
_NAMES = ("identity", "tanh", "lstm")


def _measure(tell: TellProgress) -> FindingResult:
    errors = held_out_errors(_MODELS, tell)
    identity, tanh, lstm = errors
    chance = TASKS["adding"].chance
    numbers = (
        MeasuredNumber("identity", identity, high=0.01),
        at_chance("tanh", tanh),
        MeasuredNumber("lstm", lstm),
        MeasuredNumber("chance", chance),
    )
    names = tuple(f"finding.identity_relu.{name}_short" for name in _NAMES)
    series = {"finding.error": np.array(errors)}
    chart = FindingChart(names, series, "finding.error", is_log=True, chance=chance)
    return FindingResult(numbers, chart)


FINDING = PublishedFinding(
    key="identity_relu",
    publication=Publication(
        "Q. V. Le, N. Jaitly, G. E. Hinton",
        2015,
        "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units",
        "arXiv:1504.00941",
        "https://arxiv.org/abs/1504.00941",
    ),
    models=_MODELS,
    measure=_measure,
    choices={"understand": "how_far_back"},
    is_limit_late=True,
)
