"""The adding problem: an LSTM carries two numbers over 100 steps, a simple RNN does not."""

from __future__ import annotations

import numpy as np

from rnnviz.engine.api import trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publications import LONG_SHORT_TERM_MEMORY
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS

_MODELS = ("adding_lstm", "adding_rnn")
_ROWS, _SEED = 500, 1


def _measure(tell: TellProgress) -> FindingResult:
    errors = held_out_errors(_MODELS, tell)
    lstm, simple = errors
    chance = TASKS["adding"].chance
    numbers = (
        MeasuredNumber("lstm", lstm, high=0.01),
        MeasuredNumber("rnn", simple, low=0.5 * chance),
        MeasuredNumber("chance", chance),
    )
    names = tuple(f"finding.adding_problem.{name}_short" for name in ("lstm", "rnn"))
    chart = FindingChart(
        names, {"finding.error": np.array(errors)}, "finding.error", is_log=True, chance=chance
    )
    return FindingResult(numbers, chart)


def held_out_errors(names: tuple[str, ...], tell: TellProgress) -> tuple[float, ...]:
    """Mean squared errors of models of the adding problem on sequences that none has learned from.

    >>> held_out_errors(("adding_gru",), print)[0] < 0.001
    1.0
    True
    """
    task = TASKS["adding"]
    batch = task.held_out_batch(np.random.default_rng(_SEED), _ROWS)
    errors = []
    for number, name in enumerate(names, start=1):
        outputs = trace(preset(name).model(), batch.sequence)["outputs"]
        errors.append(task.measure(outputs, batch))
        tell(number / len(names))
    return tuple(errors)


FINDING = PublishedFinding(
    key="adding_problem",
    publication=LONG_SHORT_TERM_MEMORY,
    models=_MODELS,
    measure=_measure,
    choices={"model": "preset:adding_lstm", "understand": "how_far_back"},
)
