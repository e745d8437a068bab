"""Counting aⁿbⁿ: an LSTM counts in its cell state, beyond what it learned; a GRU less far."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.language_tasks import COUNTING_SYMBOLS, MOST_COUNTED
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import one_hot_sequence

_MODELS = ("counting_lstm", "counting_gru")
_STATES = ("cell", "hidden")
_LONGEST = 150
_GOES_ON, _ENDS = COUNTING_SYMBOLS.index("b"), COUNTING_SYMBOLS.index(".")


def _measure(tell: TellProgress) -> FindingResult:
    longest, counted, ends = [], [], []
    for done, (name, state) in enumerate(zip(_MODELS, _STATES, strict=True), start=1):
        run = _run(name)
        right, sure = _answers(run)
        longest.append(right.argmin() if not right.all() else _LONGEST)
        counted.append(_best_correlation(run, state))
        ends.append(sure)
        tell(done / len(_MODELS))
    numbers = (
        MeasuredNumber("longest_lstm", int(longest[0]), low=2 * MOST_COUNTED, form="d"),
        MeasuredNumber("longest_gru", int(longest[1]), high=1.5 * MOST_COUNTED, form=".0f"),
        MeasuredNumber("counts_lstm", counted[0], low=0.99, form=".4f"),
        MeasuredNumber("counts_gru", counted[1], form=".4f"),
    )
    names = ("finding.counting.lstm", "finding.counting.gru")
    chart = FindingChart(
        np.arange(1, _LONGEST + 1),
        dict(zip(names, ends, strict=True)),
        "finding.counting.end",
        "finding.counting.n",
    )
    return FindingResult(numbers, chart)


def _run(name: str) -> Trace:
    """Run on every aⁿbⁿ up to the longest, n = 1 in row 0."""
    words = ["a" * n + "b" * n for n in range(1, _LONGEST + 1)]
    return trace(preset(name).model(), one_hot_sequence(words, COUNTING_SYMBOLS))


def _answers(run: Trace) -> tuple[Array, Array]:
    """Whether all answers of each word are right, and the probability given to its end."""
    outputs, counts = run.outputs, np.arange(1, _LONGEST + 1)
    best, rows, last = outputs.argmax(axis=2), counts - 1, 2 * counts - 1
    right = np.array([(best[n : 2 * n - 1, n - 1] == _GOES_ON).all() for n in counts])
    return right & (best[last, rows] == _ENDS), outputs[last, rows, _ENDS]


def _best_correlation(run: Trace, state: str) -> float:
    """Correlation of a unit with a's less b's, sign left out; of the unit that has the highest.

    It is taken over the words of the lengths that were learned.
    """
    learned, is_real = slice(MOST_COUNTED), run.sequence.is_real[:, :MOST_COUNTED]
    symbols = run.sequence.values[:, learned]
    count = (symbols[..., 0] - symbols[..., 1]).cumsum(axis=0)[is_real]
    units = run[state][:, learned][is_real]
    return float(np.abs(np.corrcoef(count, units.T)[0, 1:]).max())


FINDING = PublishedFinding(
    key="counting",
    publication=Publication(
        "G. Weiss, Y. Goldberg, E. Yahav",
        2018,
        "On the Practical Computational Power of Finite Precision RNNs for Language Recognition",
        "ACL 2018",
        "https://aclanthology.org/P18-2117",
    ),
    models=_MODELS,
    measure=_measure,
    choices={"model": "preset:counting_lstm", "understand": "coloured_text"},
)
