"""The search for the automaton behind a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.automaton import Automaton
from rnnviz.analysis.learned_machine import Machine, Stopped, learn_by_asking, learn_from_words
from rnnviz.analysis.network_answers import Classify, NetworkAnswers, Word, network_answers
from rnnviz.analysis.parted_words import parted_words
from rnnviz.analysis.word_source import GivenWords, RandomWords, given_words
from rnnviz.core.checks import check_count, check_seed
from rnnviz.core.libraries import check_library

MAX_STATES = 200
MAX_LONGEST = 200
MAX_RANDOM_WORDS = 10_000
# Symbols of all words that the network is asked before the search stops.
MAX_ASKED = 1_000_000
_ROUNDS, _ADDED, _FIRST = 40, 50, 100


def automaton(
    model: Any,
    alphabet: Any = None,
    *,
    words: Any = None,
    answers: Classify | None = None,
    longest: int = 20,
    max_states: int = 50,
    n_words: int = 1000,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Automaton:
    """Automaton that answers as a network does, over a small alphabet.

    model       a Model whose layers read forward.
    alphabet    tokens of its vocabulary, 16 at most, by default all; of a model that reads numbers
                {name: numbers (input,)}.
    words       the words the network was made for, as texts, lists of symbols, or a Sequence, each
                row a word: a network of balanced brackets is no counter of others. Half of them are
                learned from, half kept to test. By default all words over the alphabet, of which
                `n_words` at random are tried.
    answers     function from outputs (step, output) to a label for each step; by default the most
                probable output of a softmax, or whether a sigmoid is above a half.
    longest     symbols of a random word.
    max_states  at which the search stops; it also stops after 1,000,000 symbols.
    seed        of the random words.
    progress    called with the part of the work that is done, 0…1; an exception in it ends the
                search.

    By asking, all words are learned (Kearns & Vazirani 1994); from given words, RPNI merges what
    they do not tell apart (Oncina & García 1992). Words on which network and automaton part are
    learned from, until there are none. Needs AALpy, `pip install "rnnviz[automata]"`.

    G. Weiss, Y. Goldberg, E. Yahav, "Extracting Automata from Recurrent Neural Networks Using
    Queries and Counterexamples", ICML 2018. Raises ModelError and InputError for a network or an
    alphabet of which none can be learned.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> from rnnviz.train.tasks import TASKS
    >>> batch = TASKS["brackets"].held_out_batch(np.random.default_rng(1), 100)
    >>> automaton(preset("brackets_lstm").model(), words=batch.sequence)
    <Automaton 6 states, 6 symbols; right at 2,000 of 2,000 steps>
    """
    check_seed(seed)
    check_count("longest", longest, MAX_LONGEST)
    check_count("max_states", max_states, MAX_STATES)
    check_count("n_words", n_words, MAX_RANDOM_WORDS)
    check_library("aalpy")
    network = network_answers(model, alphabet, answers)
    generator = np.random.default_rng(seed)
    source: RandomWords | GivenWords = (
        RandomWords(len(network.symbols), longest, n_words, generator)
        if words is None
        else given_words(network.symbols, network.vectors, words)
    )
    search = _Search(network, source, max_states, progress or _no_progress, {})
    return search.result(generator)


def _no_progress(done: float) -> None:
    """Progress without a listener."""


@dataclass(frozen=True, eq=False)
class _Search:
    """Search for the automaton of a network.

    asked  answers to words so far.
    """

    network: NetworkAnswers
    source: RandomWords | GivenWords
    max_states: int
    progress: Callable[[float], object]
    asked: dict[Word, list[int]]

    def result(self, generator: np.random.Generator) -> Automaton:
        """The automaton, tested on words that it was not learned from."""
        try:
            machine, is_settled = self._learned(), True
        except Stopped as stopped:
            machine, is_settled = stopped.machine, False
        self.progress(0.8)
        visits = np.zeros(len(machine.answers))
        n_right = n_steps = n_unknown = 0
        tested = self.source.tested()
        for word, answers in zip(tested, self.network.to(tested), strict=True):
            walked = machine.walk(word)
            np.add.at(visits, walked, 1)
            n_steps += len(walked)
            n_unknown += len(word) - len(walked)
            right = machine.answers[walked] == answers[: len(walked)]
            n_right += int(right.sum())
        self.progress(0.9)
        parted, n_complete = parted_words(self.network, machine, tested, generator)
        self.progress(1.0)
        symbols, names = self.network.symbols, ("", *self.network.names)
        return Automaton(
            symbols,
            self.network.vectors,
            tuple(names[answer + 1] for answer in machine.answers.tolist()),
            machine.transitions,
            tuple(tuple(symbols[a] for a in word) for word in machine.access()),
            visits / max(1, visits.sum()),
            n_right,
            n_steps,
            n_unknown,
            is_settled,
            parted,
            n_complete,
            self.network.model.is_trained,
        )

    def _learned(self) -> Machine:
        n_symbols = len(self.network.symbols)
        if isinstance(self.source, RandomWords):
            return learn_by_asking(n_symbols, self._ask, self._find_part, self.max_states)
        words = self.source.learned()
        self._ask_all(words)
        told = self._told(words[:_FIRST])
        for number in range(_ROUNDS):
            machine = learn_from_words(n_symbols, told)
            self.progress(0.8 * (number + 1) / _ROUNDS)
            parted = [word for word in words if self._first_part(machine, word)]
            if not parted:
                return machine
            if len(machine.answers) > self.max_states:
                break
            told |= self._told(parted[:_ADDED])
        raise Stopped(machine)

    def _told(self, words: list[Word]) -> dict[Word, int]:
        """Answers to all beginnings of words that were asked."""
        return {
            word[: at + 1]: answer for word in words for at, answer in enumerate(self.asked[word])
        }

    def _ask(self, word: Word) -> list[int]:
        """Answers to a word."""
        if word not in self.asked:
            self._ask_all([word])
        return self.asked[word]

    def _ask_all(self, words: Iterable[Word]) -> None:
        new = [word for word in dict.fromkeys(words) if word not in self.asked]
        if new:
            self.asked.update(zip(new, self.network.to(new), strict=True))

    def _find_part(self, machine: Machine) -> Word | None:
        """The shortest of the random words' beginnings on which they part."""
        self.progress(min(0.8, 0.8 * len(machine.answers) / self.max_states))
        if sum(map(len, self.asked)) > MAX_ASKED:
            raise Stopped(machine)
        assert isinstance(self.source, RandomWords)
        words = self.source.drawn()
        self._ask_all(words)
        lengths = [(self._first_part(machine, word), word) for word in words]
        parted = [(length, word) for length, word in lengths if length]
        if not parted:
            return None
        length, word = min(parted)
        return word[:length]

    def _first_part(self, machine: Machine, word: Word) -> int:
        """Symbols until network and automaton part, or the automaton knows no more; 0 for never."""
        walked = machine.walk(word)
        answers = self.asked[word]
        is_other = machine.answers[walked] != answers[: len(walked)]
        if is_other.any():
            return int(is_other.argmax()) + 1
        return len(walked) + 1 if len(walked) < len(word) else 0
