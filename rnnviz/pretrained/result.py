"""What a published network makes of a text, and the parts that can be traced."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_printable
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model

MAX_CHARACTERS = 30


@dataclass(frozen=True, eq=False)
class NetworkRun:
    """One network at work: `rnnviz.trace(part.model, part.sequence)` shows it.

    name      "encoder", "decoder" or "tagger".
    model     with the states that it started from.
    sequence  what it read, as embedded numbers with a token on every step.
    """

    name: str
    model: Model
    sequence: Sequence


@dataclass(frozen=True, eq=False)
class Disambiguation:
    """One place where the network decided between a character's readings.

    time           the step of the sequence.
    candidates     the readings that the character can have.
    probabilities  (candidate,), the softmax over these candidates.
    """

    time: int
    candidates: tuple[str, ...]
    probabilities: Array

    @property
    def chosen(self) -> str:
        """The most probable reading."""
        return self.candidates[int(self.probabilities.argmax())]


@dataclass(frozen=True, eq=False)
class Pronunciation:
    """A text read aloud.

    letters  what was read, a character each.
    sounds   what the network says: phonemes of the word, or a syllable for each character.
    parts    the networks in the order they worked.
    choices  where a character has several readings; empty for a spelling.
    """

    letters: tuple[str, ...]
    sounds: tuple[str, ...]
    networks: tuple[NetworkRun, ...]
    disambiguations: tuple[Disambiguation, ...] = ()

    def network(self, name: str) -> NetworkRun:
        """The part of this name.

        Raises ModelError for another name.
        """
        for part in self.networks:
            if part.name == name:
                return part
        raise ModelError(
            'This reading has the parts {parts}, but "{name}" was asked for.',
            parts=", ".join(part.name for part in self.networks),
            name=name,
        )


def check_text(text: str, example: str) -> None:
    """Nothing, when a text has 1 to MAX_CHARACTERS characters and each can be shown.

    Raises InputError otherwise.

    >>> check_text("hello", example="hello")
    """
    if not 1 <= len(text) <= MAX_CHARACTERS:
        raise InputError(
            "A text of 1 to {bound} characters is wanted, but {came} came; type for example"
            " “{example}”.",
            bound=MAX_CHARACTERS,
            came=len(text),
            example=example,
        )
    check_printable(text)


def embedded_sequence(model: Model, rows: Rows[int], tokens: Rows[str]) -> Sequence:
    """One row of a batch: these rows of the model's embedding, with a token on each."""
    values = np.asarray(model.embedding)[list(rows)]
    return Sequence(values[:, None, :], (tuple(tokens),), encoding="embedding")
