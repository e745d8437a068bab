"""Parity: a linear recurrence learns it where its gate may be negative, and not between 0 and 1."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.language_tasks import PARITY_LENGTH
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import one_hot_sequence

_MODELS = ("parity_linear_rnn_signed", "parity_linear_rnn")
_ROWS, _LENGTH, _SEED = 200, 1000, 1
# The length up to which a right answer is asked for: ten times the one that was learned.
_FAR = 10 * PARITY_LENGTH
_PARTS = 25


def _measure(tell: TellProgress) -> FindingResult:
    bits = np.random.default_rng(_SEED).integers(2, size=(_LENGTH, _ROWS))
    sequence = one_hot_sequence([[str(bit) for bit in row] for row in bits.T], ("0", "1"))
    rights, turns = [], []
    for done, name in enumerate(_MODELS, start=1):
        run = trace(preset(name).model(), sequence)
        rights.append(run.outputs.argmax(axis=2) == bits.cumsum(axis=0) % 2)
        turns.append(float(run["forget"][bits == 1].min()))
        tell(done / len(_MODELS))
    signed, unsigned = rights
    numbers = (
        MeasuredNumber("signed", float(signed[:_FAR].mean()), low=0.98),
        MeasuredNumber("unsigned", float(unsigned[:PARITY_LENGTH].mean()), high=0.6),
        MeasuredNumber("gate_signed", turns[0], high=-0.9, form=".4f"),
        MeasuredNumber("gate_unsigned", turns[1], low=0.0, form=".4f"),
        MeasuredNumber("farther", float(signed[_FAR:].mean())),
    )
    steps = (np.arange(_PARTS) + 0.5) * _LENGTH / _PARTS
    lines = {"finding.parity.tanh": _means(signed), "finding.parity.sigmoid": _means(unsigned)}
    chart = FindingChart(steps, lines, "finding.right", "finding.step", chance=0.5)
    return FindingResult(numbers, chart)


def _means(right: Array) -> Array:
    """Share of right answers in each part of the sequence."""
    return np.asarray(right.reshape(_PARTS, -1).mean(axis=1))


FINDING = PublishedFinding(
    key="parity",
    publication=Publication(
        "R. Grazzi, J. Siems, J. K. H. Franke, A. Zela, F. Hutter, M. Pontil",
        2025,
        "Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues",
        "ICLR 2025",
        "https://arxiv.org/abs/2411.12537",
    ),
    models=_MODELS,
    measure=_measure,
    choices={"understand": "automaton"},
)
