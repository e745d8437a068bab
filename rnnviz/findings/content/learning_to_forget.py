"""Learning to forget: on a stream without breaks an LSTM needs its forget gate."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.language_tasks import REBER_SYMBOLS, reber_stream
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import one_hot_sequence

_MODELS = ("reber_lstm", "reber_lstm_no_forget")
_STREAMS, _LENGTH, _SEED = 100, 1000, 1
# Words of every stream that the figure shows.
_WORDS = 20


def _measure(tell: TellProgress) -> FindingResult:
    generator = np.random.default_rng(_SEED)
    streams = [reber_stream(generator, _LENGTH) for _ in range(_STREAMS)]
    asked = asked_places(streams)
    right, largest = [], []
    for done, name in enumerate(_MODELS, start=1):
        run = trace(preset(name).model(), one_hot_sequence(streams, REBER_SYMBOLS))
        best = run.outputs.argmax(axis=2)
        right.append(best[asked[:, 0], asked[:, 1]] == asked[:, 2])
        largest.append(float(np.abs(run["cell"][-1]).max()))
        tell(done / len(_MODELS))
    (gated, without), word = right, asked[:, 3]
    numbers = (
        MeasuredNumber("with_gate", float(gated.mean()), low=0.98),
        MeasuredNumber("first_word", float(without[word == 0].mean()), low=0.95),
        MeasuredNumber("later_words", float(without[word > 1].mean()), high=0.6),
        MeasuredNumber("largest_with", largest[0], high=0.1 * largest[1], form=".0f"),
        MeasuredNumber("largest_without", largest[1], form=".0f"),
    )
    names = ("finding.learning_to_forget.lstm", "finding.learning_to_forget.no_forget")
    shares = [np.array([one[word == n].mean() for n in range(_WORDS)]) for one in right]
    lines = dict(zip(names, shares, strict=True))
    title = "finding.learning_to_forget.word"
    chart = FindingChart(np.arange(_WORDS) + 1, lines, "finding.right", title, chance=0.5)
    return FindingResult(numbers, chart)


def asked_places(streams: list[str]) -> Array:
    """Where a word's second symbol comes again: (step before, stream, number of the symbol, word).

    A word ends with E, that symbol and E, and the next begins with B and its own.

    >>> asked_places(["BTBTXSETEBPBPVVEPEBT"]).tolist()
    [[6, 0, 1, 0], [15, 0, 2, 1]]
    """
    places = []
    for row, stream in enumerate(streams):
        start = word = 0
        while (end := stream.find("EB", start)) > 0:
            places.append((end - 2, row, REBER_SYMBOLS.index(stream[start + 1]), word))
            start, word = end + 1, word + 1
    return np.array(places)


FINDING = PublishedFinding(
    key="learning_to_forget",
    publication=Publication(
        "F. A. Gers, J. Schmidhuber, F. Cummins",
        2000,
        "Learning to Forget: Continual Prediction with LSTM",
        "Neural Computation 12(10)",
        "https://doi.org/10.1162/089976600300015015",
    ),
    models=_MODELS,
    measure=_measure,
    page="read",
)
