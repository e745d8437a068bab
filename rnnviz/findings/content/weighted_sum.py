"""An LSTM's memory is a weighted sum of what was written, and gates matter more than recurrence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.findings.variant_losses import variant_losses
from rnnviz.inputs.parse import parse
from rnnviz.network.model import Model
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book_parts

_MODEL = "next_character_lstm"
_N_CHARACTERS = 200
_VARIANTS = ("full", "plain_content", "no_gates")


def _measure(tell: TellProgress) -> FindingResult:
    text = book_parts()[1][:_N_CHARACTERS]
    run = trace(_in_float64(preset(_MODEL).model()), parse(text, kind="characters"))
    residual = float(np.abs(weighted_sums(run) - run["cell"][:, 0]).max())
    losses = {name: float(np.median(one, axis=1).mean()) for name, one in _losses(tell).items()}
    lost = {name: losses[name] - losses["full"] for name in _VARIANTS}
    numbers = (
        MeasuredNumber("residual", residual, high=1e-10, form=".1e"),
        MeasuredNumber("plain_content", lost["plain_content"], high=0.05, form="z.2f"),
        MeasuredNumber("no_gates", lost["no_gates"], low=0.1, form="z.2f"),
    )
    words = tuple(f"finding.gate_variants.{name}" for name in _VARIANTS)
    series = {"finding.gate_variants.loss": np.array([losses[name] for name in _VARIANTS])}
    return FindingResult(numbers, FindingChart(words, series, "finding.gate_variants.loss"))


def _losses(tell: TellProgress) -> dict[str, Array]:
    found = variant_losses(tell)
    return {name: found[name] for name in _VARIANTS}


def _in_float64(model: Model) -> Model:
    layers = tuple(
        replace(layer, weights={name: one.astype(float) for name, one in layer.weights.items()})
        for layer in model.layers
    )
    return replace(model, layers=layers)


def weighted_sums(run: Trace) -> Array:
    """Sums over all steps j up to t of (f_t ⊙ … ⊙ f_{j+1}) ⊙ i_j ⊙ g_j, (time, unit), of row 0."""
    forget, content = run["forget"][:, 0], (run["input"] * run["candidate"])[:, 0]
    sums = []
    for step in range(len(forget)):
        # The weight of each step before is the product of all forget gates after it.
        after = np.cumprod(forget[step:0:-1], axis=0)[::-1]
        sums.append((after * content[:step]).sum(axis=0) + content[step])
    return np.array(sums)


FINDING = PublishedFinding(
    key="weighted_sum",
    publication=Publication(
        "O. Levy, K. Lee, N. FitzGerald, L. Zettlemoyer",
        2018,
        "Long Short-Term Memory as a Dynamically Computed Element-wise Weighted Sum",
        "ACL 2018",
        "https://arxiv.org/abs/1805.03716",
    ),
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "memory"},
)
