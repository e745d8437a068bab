"""Words to learn an automaton from and to test it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.network_answers import Word
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError

MAX_WORDS = 20_000
MAX_WORD = 1000


@dataclass(frozen=True, eq=False)
class RandomWords:
    """Words drawn from all over the alphabet, of every length up to the longest."""

    n_symbols: int
    longest: int
    n_words: int
    generator: np.random.Generator

    def drawn(self) -> list[Word]:
        """Fresh words."""
        lengths = self.generator.integers(1, self.longest + 1, size=self.n_words)
        return [tuple(self.generator.integers(self.n_symbols, size=n).tolist()) for n in lengths]

    def tested(self) -> list[Word]:
        """Words to test on: fresh ones."""
        return self.drawn()


@dataclass(frozen=True, eq=False)
class GivenWords:
    """Words that were given, every other one to learn from."""

    words: list[Word]

    def learned(self) -> list[Word]:
        """Words to learn from."""
        return self.words[::2]

    def tested(self) -> list[Word]:
        """Words kept to test on."""
        return self.words[1::2]


def given_words(symbols: tuple[str, ...], vectors: Array, given: Any) -> GivenWords:
    """Words as numbers of symbols. Raises InputError for what is no list of words."""
    rows = _rows(symbols, vectors, given)
    known = {symbol: at for at, symbol in enumerate(symbols)}
    words = []
    for row in rows:
        strange = [symbol for symbol in row if symbol not in known]
        if strange:
            raise InputError(
                "The words are of the symbols {names}, but “{came}” came.",
                names=" ".join(symbols),
                came=shown(strange[0]),
            )
        words.append(tuple(known[symbol] for symbol in row))
    lengths = [len(word) for word in words]
    if not 2 <= len(words) <= MAX_WORDS or not 1 <= min(lengths) <= max(lengths) <= MAX_WORD:
        raise InputError(
            "An automaton is learned from 2 to {most} words of 1 to {longest} symbols, half of them"
            " kept to test, but {came} words came, the longest of {length}.",
            most=MAX_WORDS,
            longest=MAX_WORD,
            came=len(words),
            length=max(lengths, default=0),
        )
    return GivenWords(words)


def _rows(symbols: tuple[str, ...], vectors: Array, given: Any) -> list[list[str]]:
    if isinstance(given, Sequence):
        return [sequence_symbols(symbols, vectors, given, row) for row in range(given.n_rows)]
    try:
        return [list(map(str, word)) for word in ([] if isinstance(given, str) else given)]
    except TypeError:
        raise InputError(
            "Words come as a list of texts or lists of symbols, or as a Sequence, but {came} came.",
            came=shown(given),
        ) from None


def sequence_symbols(
    symbols: tuple[str, ...], vectors: Array, sequence: Sequence, row: int
) -> list[str]:
    """Symbols that a row of a sequence reads; "" where it reads none of them."""
    tokens = sequence.tokens[row]
    is_other = sequence.encoding != "values" or vectors.shape[1] != sequence.n_features
    if is_other or set(tokens) <= set(symbols):
        return list(tokens)
    values = sequence.values[: len(tokens), row].astype(float)
    same = np.abs(values[:, None] - vectors[None]).max(axis=2) < 1e-6
    named = (*symbols, "")
    return [named[at] for at in np.where(same.any(axis=1), same.argmax(axis=1), -1).tolist()]
