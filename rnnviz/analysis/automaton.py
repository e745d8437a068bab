"""The automaton behind a network: states, and where each symbol leads from each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.word_source import sequence_symbols
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import number_of
from rnnviz.i18n import sentences, word


@dataclass(frozen=True)
class PartedWord:
    """A word after whose last symbol network and automaton first give different answers."""

    word: tuple[str, ...]
    network: str
    automaton: str


@dataclass(frozen=True, eq=False, repr=False)
class Automaton(Figured):
    """Result of `rnnviz.automaton`: a Moore machine, whose every state has an answer.

    symbols      what is read; `vectors` (symbol, input), as the model reads them.
    answers      of each state; the first state's is "" where no word leads back to it, for a
                 network answers only once it has read.
    transitions  (state, symbol), the state after a symbol; −1 where no word went that way.
    access       the shortest word to each state.
    visits       (state,), share of the steps of the words that it was tested on.
    n_right      of `n_steps` steps of these words, never learned from, at which network and
                 automaton answer alike.
    n_unknown    steps of these for which the automaton has no transition; not in `n_steps`.
    is_settled   False where the search was stopped at its bound of states.
    parted       the shortest words on which network and automaton part; () where none was found.
    n_complete   words up to this length were all tried.
    """

    drawing: ClassVar[str] = "automaton"
    symbols: tuple[str, ...]
    vectors: Array
    answers: tuple[str, ...]
    transitions: Array
    access: tuple[tuple[str, ...], ...]
    visits: Array
    n_right: int
    n_steps: int
    n_unknown: int
    is_settled: bool
    parted: tuple[PartedWord, ...]
    n_complete: int
    is_trained: bool = True

    def __post_init__(self) -> None:
        for name in ("vectors", "transitions", "visits"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @property
    def n_states(self) -> int:
        """States."""
        return len(self.answers)

    @property
    def agreement(self) -> float:
        """Share of the tested steps at which network and automaton answer alike."""
        return self.n_right / self.n_steps if self.n_steps else np.nan

    def __repr__(self) -> str:
        size = f"{number_of(self.n_states, 'state')}, {number_of(len(self.symbols), 'symbol')}"
        return f"<Automaton {size}; right at {self.n_right:,} of {self.n_steps:,} steps>"

    def states(self, read: Trace | Sequence | str | Iterable[str], row: int = 0) -> Array:
        """State after each step of a trace, a sequence or a word, (time,).

        −1 from the first symbol on that the automaton does not know there.
        """
        return read_only(self._walk(self._symbols_of(read, row)))

    def answer(self, read: Trace | Sequence | str | Iterable[str], row: int = 0) -> str:
        """Answer after a word; "" where the automaton has none."""
        walked = self.states(read, row)
        state = int(walked[-1]) if len(walked) else 0
        return self.answers[state] if state >= 0 else ""

    def text(self, language: str = "en") -> str:
        """What was learned, how well it agrees, and where the two part, in English or Chinese."""
        facts = {
            "states": self.n_states,
            "right": f"{self.n_right:,}",
            "steps": f"{self.n_steps:,}",
        }
        told = [
            word("automaton.settled" if self.is_settled else "automaton.bound", language, **facts)
        ]
        if self.n_unknown:
            told.append(word("automaton.unknown", language, steps=f"{self.n_unknown:,}"))
        told.append(self._parting(language))
        return sentences(told, language)

    def _parting(self, language: str) -> str:
        if not self.parted:
            return word("automaton.agree", language, length=self.n_complete)
        first = self.parted[0]
        facts = {"word": " ".join(first.word), "network": first.network}
        return word("automaton.part", language, automaton=first.automaton, **facts)

    def to_frame(self) -> Any:
        """A pandas table, a row for each transition."""
        pandas = optional_library("pandas")
        states, symbols = np.nonzero(self.transitions >= 0)
        rows = [
            (s, self.answers[s], self.symbols[a], after, self.answers[after])
            for s, a, after in zip(
                states.tolist(),
                symbols.tolist(),
                self.transitions[states, symbols].tolist(),
                strict=True,
            )
        ]
        names = ["state", "answer", "symbol", "next_state", "next_answer"]
        return pandas.DataFrame(rows, columns=names)

    def _walk(self, symbols: Iterable[int]) -> Array:
        state, walked = 0, []
        for symbol in symbols:
            state = int(self.transitions[state, symbol]) if min(state, symbol) >= 0 else -1
            walked.append(state)
        return np.array(walked, dtype=int)

    def _symbols_of(self, read: Any, row: int) -> list[int]:
        """Number of each symbol, −1 for one that is none of the alphabet."""
        if isinstance(read, Trace):
            read = read.sequence
        known = {symbol: at for at, symbol in enumerate(self.symbols)}
        if not isinstance(read, Sequence):
            try:
                return [known.get(str(token), -1) for token in read]
            except TypeError:
                raise InputError(
                    "A trace, a sequence or a word is wanted, but {came} came.", came=shown(read)
                ) from None
        if not is_whole_number(row) or not 0 <= row < read.n_rows:
            raise InputError(
                "row should be a whole number from 0 to {last}, but {came} came.",
                last=read.n_rows - 1,
                came=shown(row),
            )
        tokens = sequence_symbols(self.symbols, self.vectors, read, row)
        return [known.get(token, -1) for token in tokens]
