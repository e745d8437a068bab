"""A probe that can learn anything tells little: probes beside a control task."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.probes import N_HIDDEN, probe_accuracy
from rnnviz.findings.publication import Publication
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import book_parts, one_hot_sequence

_MODEL = "next_character_lstm"
_N_ROWS, _ROW = 50, 1_000
_LEARNED = 0.8
# Words of six letters and more are one class.
_LONGEST = 6
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?![A-Za-z])")
_PROBES = {"linear": 0, "deep": N_HIDDEN}


def _measure(tell: TellProgress) -> FindingResult:
    words, states = words_and_states()
    tell(0.4)
    lengths = np.array([min(len(word), _LONGEST) - 1 for word in words])
    accuracy = {}
    for task, labels in (("task", lengths), ("control", control_labels(words, lengths))):
        for name, n_hidden in _PROBES.items():
            n_learned = int(_LEARNED * len(words))
            accuracy[name, task] = probe_accuracy(
                states, labels, n_hidden=n_hidden, n_learned=n_learned
            )
            tell(0.4 + 0.15 * len(accuracy))
    return FindingResult(_numbers(accuracy), _chart(accuracy))


def _numbers(accuracy: dict[tuple[str, str], float]) -> tuple[MeasuredNumber, ...]:
    selectivity = {name: accuracy[name, "task"] - accuracy[name, "control"] for name in _PROBES}
    gained = accuracy["deep", "task"] - accuracy["linear", "task"]
    lost = selectivity["linear"] - selectivity["deep"]
    return (
        MeasuredNumber("linear", selectivity["linear"], form=".1%"),
        MeasuredNumber("deep", selectivity["deep"], form=".1%"),
        # A gain as small as in the paper, at the cost of at least a tenth of selectivity.
        MeasuredNumber("lost", lost, low=0.1, form=".1%"),
        MeasuredNumber("gained", gained, high=0.05, form=".1%"),
    )


def _chart(accuracy: dict[tuple[str, str], float]) -> FindingChart:
    key = "finding.probes_with_controls"
    series = {
        f"{key}.{task}": np.array([accuracy[name, task] for name in _PROBES])
        for task in ("task", "control")
    }
    return FindingChart(tuple(f"{key}.{name}_short" for name in _PROBES), series, f"{key}.share")


def words_and_states() -> tuple[list[str], Array]:
    """Words of the book in small letters, and hidden states (word, unit) at their last letters."""
    book = book_parts()[0]
    rows = [book[start : start + _ROW] for start in range(0, _N_ROWS * _ROW, _ROW)]
    vocabulary = TASKS["next_character"].vocabulary
    hidden = trace(preset(_MODEL).model(), one_hot_sequence(rows, vocabulary))["hidden"]
    places = [(found, row) for row, text in enumerate(rows) for found in _words(text)]
    states = np.array([hidden[found.end() - 1, row] for found, row in places])
    return [found[0].lower() for found, _ in places], states


def _words(text: str) -> Iterator[re.Match[str]]:
    """Words that stand whole in a text."""
    return (one for one in _WORD.finditer(text) if one.start() and one.end() < len(text))


def control_labels(words: list[str], labels: Array) -> Array:
    """A random label for each different word, drawn as often as the labels themselves are."""
    shares = np.bincount(labels) / len(labels)
    kinds = sorted(set(words))
    drawn = np.random.default_rng(0).choice(len(shares), size=len(kinds), p=shares)
    label_of = dict(zip(kinds, drawn, strict=True))
    return np.array([label_of[word] for word in words])


FINDING = PublishedFinding(
    key="probes_with_controls",
    publication=Publication(
        "J. Hewitt, P. Liang",
        2019,
        "Designing and Interpreting Probes with Control Tasks",
        "EMNLP 2019",
        "https://arxiv.org/abs/1909.03368",
    ),
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "coloured_text"},
)
