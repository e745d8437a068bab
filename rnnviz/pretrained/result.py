"""Pronunciation of a text by a published model, with its networks to trace."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_printable
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model

MAX_INPUT_CHARACTERS = 30


@dataclass(frozen=True, eq=False)
class NetworkRun:
    """One network and its input, for `rnnviz.trace(run.model, run.sequence)`.

    name      "encoder", "decoder" or "tagger".
    model     with its initial states.
    sequence  embedded tokens.
    """

    name: str
    model: Model
    sequence: Sequence


@dataclass(frozen=True, eq=False)
class Disambiguation:
    """Choice of the network among the pronunciations of one character.

    time           step of the sequence.
    candidates     pronunciations of the character.
    probabilities  (candidate,), softmax over the candidates.
    """

    time: int
    candidates: tuple[str, ...]
    probabilities: Array

    @property
    def chosen(self) -> str:
        """Most probable candidate."""
        return self.candidates[int(self.probabilities.argmax())]


@dataclass(frozen=True, eq=False)
class Pronunciation:
    """Pronunciation of a text.

    letters          characters of the text.
    sounds           phonemes of the word, or a syllable for each character.
    networks         in the order in which they ran.
    disambiguations  of characters with several pronunciations; empty for English.
    """

    letters: tuple[str, ...]
    sounds: tuple[str, ...]
    networks: tuple[NetworkRun, ...]
    disambiguations: tuple[Disambiguation, ...] = ()

    def network(self, name: str) -> NetworkRun:
        """Network by its name. Raises ModelError for an unknown one."""
        for network in self.networks:
            if network.name == name:
                return network
        raise ModelError(
            'This reading has the parts {parts}, but "{name}" was asked for.',
            parts=", ".join(network.name for network in self.networks),
            name=name,
        )


def check_text(text: str, example: str) -> None:
    """Raise InputError unless a text has 1 to MAX_INPUT_CHARACTERS characters, all printable.

    >>> check_text("hello", example="hello")
    """
    if not 1 <= len(text) <= MAX_INPUT_CHARACTERS:
        raise InputError(
            "A text of 1 to {bound} characters is wanted, but {came} came; type for example"
            " “{example}”.",
            bound=MAX_INPUT_CHARACTERS,
            came=len(text),
            example=example,
        )
    check_printable(text)


def embedded_sequence(model: Model, rows: Rows[int], tokens: Rows[str]) -> Sequence:
    """Sequence (time, 1, feature) of rows of the model's embedding, with their tokens."""
    values = np.asarray(model.embedding)[list(rows)]
    return Sequence(values[:, None, :], (tuple(tokens),), encoding="embedding")
