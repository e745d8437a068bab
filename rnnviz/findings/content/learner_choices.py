"""Choices of a learner: a GRU of two units predicts them as well as the rule that made them."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.phase_portrait import phase_portrait
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.choice_task import TRIALS, chance_of_right, learned_values
from rnnviz.train.presets import preset
from rnnviz.train.task import Batch
from rnnviz.train.tasks import TASKS

_MODEL = "choices_gru"
_ROWS, _SEED = 300, 1


def _measure(tell: TellProgress) -> FindingResult:
    model, task = preset(_MODEL).model(), TASKS["choices"]
    batch = task.held_out_batch(np.random.default_rng(_SEED), _ROWS)
    given = trace(model, batch.sequence).outputs[..., 1].astype(float)
    tell(0.5)
    rule = rule_answers(batch)
    network, best, last = (_likelihood(p, batch) for p in (given, rule, _of_last_trial(batch)))
    agreement = float(np.corrcoef(_logit(given).ravel(), _logit(rule).ravel())[0, 1])
    portrait = phase_portrait(model, input="R", sequence=batch.sequence)
    assert portrait.points is not None
    fast, slow = np.sort(np.abs(portrait.points.eigenvalues[0])).tolist()
    numbers = (
        MeasuredNumber("network", network, low=best - 0.003, form=".4f"),
        MeasuredNumber("rule", best, form=".4f"),
        MeasuredNumber("last_trial", last, high=best - 0.03, form=".4f"),
        MeasuredNumber("agreement", agreement, low=0.99, form=".4f"),
        MeasuredNumber("fast", fast, 0.5, 0.7),
        MeasuredNumber("slow", slow, low=0.98),
    )
    return FindingResult(numbers, portrait)


def rule_answers(batch: Batch) -> Array:
    """The rule's own probability of right after each trial, (trial, row)."""
    symbol = batch.sequence.values.argmax(axis=2)
    values, given = np.full((symbol.shape[1], 2), 0.5), np.zeros(symbol.shape)
    for t, (side, paid) in enumerate(zip(symbol // 2, 1 - symbol % 2, strict=True)):
        values = learned_values(values, side, paid)
        given[t] = chance_of_right(values)
    return given


def _of_last_trial(batch: Batch) -> Array:
    """Share of right choices after the trial of the same kind: all that one trial can tell."""
    symbol = batch.sequence.values.argmax(axis=2)
    shares = np.array([batch.targets[symbol == one].mean() for one in range(len(TRIALS))])
    return np.asarray(shares[symbol])


def _likelihood(given: Array, batch: Batch) -> float:
    """Probability that was given to a choice that was made, geometric mean over the trials."""
    return float(np.exp(np.log(np.where(batch.targets == 1, given, 1 - given)).mean()))


def _logit(given: Array) -> Array:
    return np.asarray(np.log(given / (1 - given)))


FINDING = PublishedFinding(
    key="learner_choices",
    publication=Publication(
        "L. Ji-An, M. K. Benna, M. G. Mattar",
        2025,
        "Discovering cognitive strategies with tiny recurrent neural networks",
        "Nature 644",
        "https://doi.org/10.1038/s41586-025-09142-4",
    ),
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "phase"},
)
