"""Which parts of an LSTM matter: each left out in turn, on three tasks."""

from __future__ import annotations

import numpy as np

from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.findings.variant_losses import variant_losses

# The two that the paper finds to matter most, and the others.
_CRITICAL = ("no_forget_gate", "no_output_activation")
_OTHERS = ("no_input_gate", "no_output_gate", "no_input_activation", "coupled")


def _measure(tell: TellProgress) -> FindingResult:
    losses = variant_losses(tell)
    # The median over trainings, one of which may have failed; the mean over tasks.
    typical = {name: float(np.median(one, axis=1).mean()) for name, one in losses.items()}
    costs = {name: typical[name] - typical["full"] for name in (*_CRITICAL, *_OTHERS)}
    worse_than = {name: sum(costs[name] > costs[other] for other in _OTHERS) for name in _CRITICAL}
    n_others = len(_OTHERS)
    numbers = (
        MeasuredNumber("forget", worse_than["no_forget_gate"], low=n_others, form="d"),
        MeasuredNumber("activation", worse_than["no_output_activation"], low=n_others, form="d"),
        MeasuredNumber("coupled_cost", costs["coupled"], high=0.05, form="z.2f"),
    )
    words = tuple(f"finding.gate_variants.{name}" for name in costs)
    chart = FindingChart(
        words,
        {"finding.gate_variants.cost": np.array(list(costs.values()))},
        "finding.gate_variants.cost",
    )
    return FindingResult(numbers, chart)


FINDING = PublishedFinding(
    key="gate_variants",
    publication=Publication(
        "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber",
        2017,
        "LSTM: A Search Space Odyssey",
        "IEEE Transactions on Neural Networks and Learning Systems 28(10)",
        "https://arxiv.org/abs/1503.04069",
    ),
    models=(),
    measure=_measure,
    page="compare",
    choices={"compare": "cells", "cells": '["lstm","lstm_no_forget","lstm_coupled"]'},
)
