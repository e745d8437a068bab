"""A network that counts brackets is a small automaton."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.find_automaton import automaton
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS

_MODEL = "brackets_lstm"
_WORDS, _SEED, _MOST_STATES = 100, 1, 20
# Depths 0 to 5 need a state each.
_DEPTHS = 6


def _measure(tell: TellProgress) -> FindingResult:
    words = TASKS["brackets"].held_out_batch(np.random.default_rng(_SEED), _WORDS).sequence
    found = automaton(preset(_MODEL).model(), words=words, max_states=_MOST_STATES, progress=tell)
    numbers = (
        MeasuredNumber("states", found.n_states, _DEPTHS, _DEPTHS, form="d"),
        MeasuredNumber("agreement", found.agreement, low=0.999, form=".1%"),
        MeasuredNumber("steps", found.n_steps, form="d"),
    )
    return FindingResult(numbers, found)


FINDING = PublishedFinding(
    key="bracket_automaton",
    publication=Publication(
        "G. Weiss, Y. Goldberg, E. Yahav",
        2018,
        "Extracting Automata from Recurrent Neural Networks Using Queries and Counterexamples",
        "ICML 2018",
        "https://arxiv.org/abs/1711.09576",
    ),
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "automaton"},
)
