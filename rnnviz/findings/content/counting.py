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
_LONGEST, _STEPS = 150, 320
_END = COUNTING_SYMBOLS.index(".")
# To count is to be right up to twice what was learned, to fail soon after up to half as far again.
_FAR, _SOON = 2 * MOST_COUNTED, 1.5 * MOST_COUNTED


def _measure(tell: TellProgress) -> FindingResult:
    counts, ends, correlations = np.arange(1, _LONGEST + 1), [], []
    for done, (name, state) in enumerate(zip(_MODELS, _STATES, strict=True), start=1):
        run = _run(name)
        ends.append(_ends(run))
        correlations.append(_best_correlation(run, state))
        tell(done / len(_MODELS))
    longest = [int((end == counts).argmin()) for end in ends]
    numbers = (
        MeasuredNumber("longest_lstm", longest[0], low=_FAR, form="d"),
        MeasuredNumber("longest_gru", longest[1], high=_SOON, form=".0f"),
        MeasuredNumber("counts_lstm", correlations[0], low=0.99, form=".4f"),
        MeasuredNumber("counts_gru", correlations[1], form=".4f"),
    )
    names = ("finding.counting.right", "finding.counting.lstm", "finding.counting.gru")
    # A network that is right lies over the right end.
    lines = dict(zip(names, (counts, *ends), strict=True))
    chart = FindingChart(counts, lines, "finding.counting.end", "finding.counting.n")
    return FindingResult(numbers, chart)


def _run(name: str) -> Trace:
    """Run on n times a and then b without an end, for every n up to the longest, n = 1 in row 0."""
    words = ["a" * n + "b" * (_STEPS - n) for n in range(1, _LONGEST + 1)]
    return trace(preset(name).model(), one_hot_sequence(words, COUNTING_SYMBOLS))


def _ends(run: Trace) -> Array:
    """The b at which each word is first said to end, counted from 1; NaN where none is."""
    is_b = run.sequence.values[..., 1] == 1
    said = (run.outputs.argmax(axis=2) == _END) & is_b
    place = said.argmax(axis=0) + 1 - (~is_b).sum(axis=0)
    return np.where(said.any(axis=0), place, np.nan)


def _best_correlation(run: Trace, state: str) -> float:
    """Correlation of a unit with a's less b's, sign left out; of the unit that has the highest.

    It is taken over the words of the lengths that were learned.
    """
    symbols, units = (one[:, :MOST_COUNTED] for one in (run.sequence.values, run[state]))
    count = (symbols[..., 0] - symbols[..., 1]).cumsum(axis=0)
    is_word = count >= 0
    return float(np.abs(np.corrcoef(count[is_word], units[is_word].T)[0, 1:]).max())


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
    choices={"understand": "coloured_text"},
)
