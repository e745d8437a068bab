"""Chrono initialisation: an LSTM whose gates start with long time scales learns a long delay."""

from __future__ import annotations

import numpy as np

from rnnviz.engine.api import trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS

_MODELS = ("copy_lstm_chrono", "copy_lstm")
_ROWS, _SEED = 300, 1


def _measure(tell: TellProgress) -> FindingResult:
    task = TASKS["copy"]
    batch = task.held_out_batch(np.random.default_rng(_SEED), _ROWS)
    shares = []
    for done, name in enumerate(_MODELS, start=1):
        shares.append(task.measure(trace(preset(name).model(), batch.sequence).outputs, batch))
        tell(done / len(_MODELS))
    numbers = (
        MeasuredNumber("chrono", shares[0], low=0.95),
        MeasuredNumber("forget_bias", shares[1], high=task.chance + 0.05),
        MeasuredNumber("chance", task.chance),
    )
    names = tuple(
        f"finding.chrono_initialisation.{name}_short" for name in ("chrono", "forget_bias")
    )
    right = {"finding.right": np.array(shares)}
    return FindingResult(numbers, FindingChart(names, right, "finding.right", chance=task.chance))


FINDING = PublishedFinding(
    key="chrono_initialisation",
    publication=Publication(
        "C. Tallec, Y. Ollivier",
        2018,
        "Can recurrent neural networks warp time?",
        "ICLR 2018",
        "https://arxiv.org/abs/1804.11188",
    ),
    models=_MODELS,
    measure=_measure,
    choices={"understand": "how_far_back"},
)
