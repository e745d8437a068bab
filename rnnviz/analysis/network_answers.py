"""Answers of a network to words over a few symbols, one after each symbol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import items_of, shown
from rnnviz.core.sequence import Sequence
from rnnviz.engine.model_inputs import UNKNOWN_TOKENS
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model

Word = tuple[int, ...]
Classify = Callable[[Array], Any]
MAX_ALPHABET = 16
MAX_ANSWERS = 64
_GROUP_BYTES = 64_000_000


@dataclass(frozen=True, eq=False)
class NetworkAnswers:
    """A network that is asked words, as numbers of symbols.

    symbols  names of what it may read; `vectors` (symbol, input), what that is.
    names    of the answers; those of a function are gathered as they come.
    classify function from outputs (step, output) to labels (step,); None for the largest output.
    """

    model: Model
    symbols: tuple[str, ...]
    vectors: Array
    names: list[str]
    classify: Classify | None

    def to(self, words: Rows[Word]) -> list[list[int]]:
        """Answers to each word, a number in `names` after each symbol."""
        found: list[list[int]] = []
        longest = max(map(len, words))
        size = max(1, _GROUP_BYTES // (longest * self._step_bytes))
        for first in range(0, len(words), size):
            group = words[first : first + size]
            numbers = self.of(trace_model(self.model, self._sequence(group)))
            found += [numbers[: len(w), row].tolist() for row, w in enumerate(group)]
        return found

    def of(self, trace: Trace) -> Array:
        """Answers (time, batch) of a trace."""
        outputs = trace.outputs
        if self.classify is None:
            if outputs.shape[2] == 1:
                return np.asarray(outputs[:, :, 0] > 0.5, dtype=int)
            return np.asarray(np.nan_to_num(outputs, nan=-np.inf).argmax(axis=2))
        flat = outputs.reshape(-1, outputs.shape[2])
        real = trace.sequence.is_real.reshape(-1)
        numbers = np.zeros(len(flat), int)
        numbers[real] = [self._number(str(label)) for label in self._labels(flat[real])]
        return numbers.reshape(outputs.shape[:2])

    def continued(self, states: list[dict[str, Array]] | None, symbols: Array) -> Trace:
        """Trace of one more symbol a row, from the states (row, unit) of every layer."""
        model = self.model
        if states is not None:
            pairs = zip(model.layers, states, strict=True)
            model = replace(model, layers=tuple(replace(y, initial=s) for y, s in pairs))
        tokens = tuple((self.symbols[symbol],) for symbol in symbols)
        return trace_model(model, Sequence(self.vectors[symbols][None], tokens))

    @property
    def _step_bytes(self) -> int:
        widths = (len(y.cell.signals) * y.n_units for y in self.model.layers)
        return 8 * sum(widths)

    def _sequence(self, words: Rows[Word]) -> Sequence:
        lengths = tuple(map(len, words))
        values = np.zeros((max(lengths), len(words), self.vectors.shape[1]), self.model.dtype)
        for row, word in enumerate(words):
            values[: len(word), row] = self.vectors[list(word)]
        tokens = tuple(tuple(self.symbols[symbol] for symbol in word) for word in words)
        return Sequence(values, tokens, lengths)

    def _labels(self, outputs: Array) -> list[Any]:
        assert self.classify is not None
        labels = items_of(self.classify(outputs))
        if len(labels) != len(outputs):
            raise InputError(
                "The function of the answers should give a label for each of {wanted} steps, but"
                " gave {came}; it is called with outputs (step, output).",
                wanted=len(outputs),
                came=len(labels),
            )
        return labels

    def _number(self, label: str) -> int:
        if label not in self.names:
            if len(self.names) == MAX_ANSWERS:
                raise InputError(
                    "An automaton answers with at most {most} labels, but the function gives more;"
                    " round its numbers.",
                    most=MAX_ANSWERS,
                )
            self.names.append(label)
        return self.names.index(label)


def network_answers(model: Any, alphabet: Any, answers: Classify | None) -> NetworkAnswers:
    """A network that can be asked words.

    Raises ModelError for a model whose answers are none, and InputError for an alphabet that is
    too large or not the model's.
    """
    check_model(model)
    if any(layer.direction == "backward" for layer in model.layers):
        raise ModelError(
            "A layer of this model reads from the end, so its answer to a word changes with what"
            " comes after; an automaton needs layers that read forward."
        )
    names = _names(model, answers)
    symbols, vectors = _letters(model, alphabet)
    return NetworkAnswers(model, symbols, vectors, names, answers)


def _names(model: Model, answers: Classify | None) -> list[str]:
    if answers is not None:
        return []
    if model.readout is None or model.readout.activation not in ("softmax", "sigmoid"):
        raise ModelError(
            "An automaton is learned from a network that answers with one of several outputs, but"
            " this one gives numbers; say what its answers are with answers=, a function from"
            " outputs (step, output) to a label for each step."
        )
    names = model.readout.names
    return ["0", "1"] if len(names) == 1 else list(names)


def _letters(model: Model, alphabet: Any) -> tuple[tuple[str, ...], Array]:
    """Symbols and what the model reads for each, (symbol, input)."""
    if isinstance(alphabet, Mapping):
        symbols = tuple(map(str, alphabet))
        vectors = _given_vectors(model, symbols, list(alphabet.values()))
    else:
        symbols, vectors = _known_vectors(model, alphabet)
    if not 1 <= len(symbols) <= MAX_ALPHABET or len(set(symbols)) < len(symbols):
        raise InputError(
            "An automaton has from 1 to {most} different symbols, but {came} came; choose some of"
            " them with alphabet=[…].",
            most=MAX_ALPHABET,
            came=len(symbols),
        )
    return symbols, vectors


def _given_vectors(model: Model, symbols: tuple[str, ...], given: list[Any]) -> Array:
    try:
        vectors = np.array([np.asarray(one, float).reshape(-1) for one in given])
    except (TypeError, ValueError):
        vectors = np.zeros((len(symbols), 0))
    if vectors.shape != (len(symbols), model.n_inputs) or not np.isfinite(vectors).all():
        raise InputError(
            "Each symbol should stand for {wanted} finite numbers, which the model reads at a step,"
            " but another size or kind came; give alphabet={{name: numbers}}.",
            wanted=model.n_inputs,
        )
    return vectors


def _known_vectors(model: Model, alphabet: Any) -> tuple[tuple[str, ...], Array]:
    if model.vocabulary is None:
        raise InputError(
            "The symbols of this model are not known; say what each is with"
            " alphabet={{name: numbers}}, {wanted} numbers each.",
            wanted=model.n_inputs,
        )
    own = [token for token in model.vocabulary if token not in UNKNOWN_TOKENS]
    given = list(alphabet) if isinstance(alphabet, str) else items_of(alphabet)
    symbols = tuple(own if alphabet is None else map(str, given))
    strange = [symbol for symbol in symbols if symbol not in model.vocabulary]
    if strange:
        raise InputError(
            "The model reads {names}, but the alphabet has “{came}”.",
            names=shown(" ".join(own), 200),
            came=shown(strange[0]),
        )
    places = [model.vocabulary.index(symbol) for symbol in symbols]
    table = np.eye(model.n_inputs) if model.embedding is None else model.embedding
    return symbols, np.asarray(table)[places]
