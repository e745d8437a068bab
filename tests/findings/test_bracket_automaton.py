"""The automaton of the brackets beside a counter."""

from __future__ import annotations

import numpy as np

import rnnviz as rv
from rnnviz.analysis.automaton import Automaton
from rnnviz.train.tasks import TASKS

HOLDS = True


def test_its_states_count_the_open_brackets_of_new_words() -> None:
    found = rv.findings.reproduce("bracket_automaton")
    view = found.view
    assert isinstance(view, Automaton)
    assert sorted(view.answers) == ["0", "1", "2", "3", "4", "5"]
    words = TASKS["brackets"].held_out_batch(np.random.default_rng(9), 50).sequence.tokens
    for word in words:
        state = depth = 0
        for symbol in word:
            state = int(view.transitions[state, view.symbols.index(symbol)])
            depth += 1 if symbol in "([{" else -1
            assert view.answers[state] == str(depth)
    assert found["steps"] > 1_000
