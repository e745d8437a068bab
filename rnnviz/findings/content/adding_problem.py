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
# How far a network may be from guessing that is said to stay there: two standard errors of the mean
# over so many sequences.
_MARGIN = 0.1


def _measure(tell: TellProgress) -> FindingResult:
    errors = held_out_errors(_MODELS, tell)
    lstm, simple = errors
    chance = TASKS["adding"].chance
    numbers = (
        MeasuredNumber("lstm", lstm, high=0.01),
        at_chance("rnn", simple),
        MeasuredNumber("chance", chance),
    )
    names = tuple(f"finding.adding_problem.{name}_short" for name in ("lstm", "rnn"))
    chart = FindingChart(
        names, {"finding.error": np.array(errors)}, "finding.error", is_log=True, chance=chance
    )
    return FindingResult(numbers, chart)


def at_chance(name: str, error: float) -> MeasuredNumber:
    """An error that is asked to be that of always guessing 1, within a tenth.

    >>> print(at_chance("rnn", 0.17).criterion.replace("\N{NO-BREAK SPACE}", " "))
    0.15 … 0.183
    """
    chance = TASKS["adding"].chance
    return MeasuredNumber(name, error, (1 - _MARGIN) * chance, (1 + _MARGIN) * chance)


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
    choices={"understand": "how_far_back"},
    is_limit_late=True,
)
