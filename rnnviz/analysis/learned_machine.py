"""Moore machines as AALpy learns them, by asking or from words, in plain arrays.

By asking: M. J. Kearns, U. V. Vazirani, "An Introduction to Computational Learning Theory", 1994,
chapter 8, with counterexamples after R. L. Rivest, R. E. Schapire, Information and Computation 103
(1993). From words: J. Oncina, P. García, "Identifying regular languages in polynomial time", 1992.
E. Muškardin et al., "AALpy: an active automata learning library", Innovations in Systems and
Software Engineering 18 (2022).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.network_answers import Word
from rnnviz.core.arrays import Array
from rnnviz.core.libraries import optional_library

Ask = Callable[[Word], list[int]]
FindPart = Callable[["Machine"], Word | None]


@dataclass(frozen=True, eq=False)
class Machine:
    """Moore machine; state 0 is the first.

    transitions  (state, symbol), −1 where there is none.
    answers      (state,), −1 where a state has none.
    """

    transitions: Array
    answers: Array

    def walk(self, word: Iterable[int]) -> list[int]:
        """States after each symbol, until there is no transition."""
        state, walked = 0, []
        for symbol in word:
            state = int(self.transitions[state, symbol])
            if state < 0:
                break
            walked.append(state)
        return walked

    def access(self) -> list[Word]:
        """The shortest word to each state."""
        found: dict[int, Word] = {0: ()}
        queue = deque([0])
        while queue:
            state = queue.popleft()
            for symbol, after in enumerate(self.transitions[state].tolist()):
                if after >= 0 and after not in found:
                    found[after] = (*found[state], symbol)
                    queue.append(after)
        return [found[state] for state in range(len(self.answers))]


class Stopped(Exception):
    """The search has reached its bound, with the machine so far."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        super().__init__()


def learn_by_asking(n_symbols: int, ask: Ask, find_part: FindPart, max_states: int) -> Machine:
    """Machine that agrees with what is asked on all that `find_part` tries.

    ask        answers of the network after each symbol of a word.
    find_part  a word on which a machine and the network part, or None.

    Raises Stopped for one of more states.
    """
    aalpy = optional_library("aalpy")
    oracle = _Oracle(n_symbols, find_part, max_states)
    options = {"cache_and_non_det_check": False, "print_level": 0}
    learned = aalpy.run_KV(list(range(n_symbols)), _Network(ask), oracle, "mealy", **options)
    return _from_mealy(learned, n_symbols)


@dataclass
class _Network:
    """A network as AALpy asks it, in place of its SUL; it counts what is asked."""

    ask: Ask
    num_queries: int = 0
    num_steps: int = 0
    num_cached_queries: int = 0

    def query(self, word: Iterable[int]) -> list[int]:
        """Answers after each symbol of a word."""
        return self.ask(tuple(word))


@dataclass
class _Oracle:
    """The search for a word on which machine and network part, in place of AALpy's Oracle."""

    n_symbols: int
    find_part: FindPart
    max_states: int
    num_queries: int = 0
    num_steps: int = 0

    def find_cex(self, hypothesis: Any) -> Word | None:
        """Word on which they part; None for none."""
        machine = _from_mealy(hypothesis, self.n_symbols)
        if len(machine.answers) > self.max_states:
            raise Stopped(machine)
        return self.find_part(machine)


def learn_from_words(n_symbols: int, answers: Mapping[Word, int]) -> Machine:
    """Machine that agrees with answers to words, given for all beginnings of each word."""
    aalpy = optional_library("aalpy")
    learned = aalpy.run_RPNI(list(answers.items()), "moore", print_info=False)
    return _in_order(
        n_symbols,
        learned.initial_state,
        lambda state, symbol: state.transitions.get(symbol),
        lambda state: -1 if state.output is None else state.output,
    )


def _from_mealy(mealy: Any, n_symbols: int) -> Machine:
    """Moore machine with a state for each state of the Mealy machine and each answer on the way in.

    The first state has no answer yet; it is one of those that go on from the same Mealy state,
    where a word leads back there.
    """
    first = mealy.initial_state
    answers = sorted(
        {
            state.output_fun[symbol]
            for state in mealy.states
            for symbol in range(n_symbols)
            if state.transitions[symbol] is first
        }
    )
    start = (first, answers[0] if answers else -1)

    def after(state: tuple[Any, int], symbol: int) -> tuple[Any, int]:
        return state[0].transitions[symbol], state[0].output_fun[symbol]

    return _in_order(n_symbols, start, after, lambda state: state[1])


def _in_order(
    n_symbols: int,
    first: Any,
    after: Callable[[Any, int], Any],
    answer: Callable[[Any], int],
) -> Machine:
    """States by their distance from the first, in the order of the symbols."""
    numbers, states, rows = {first: 0}, [first], []
    for state in states:
        row = []
        for symbol in range(n_symbols):
            next_state = after(state, symbol)
            if next_state is not None and next_state not in numbers:
                numbers[next_state] = len(states)
                states.append(next_state)
            row.append(-1 if next_state is None else numbers[next_state])
        rows.append(row)
    return Machine(np.array(rows, dtype=int), np.array([answer(s) for s in states], dtype=int))
