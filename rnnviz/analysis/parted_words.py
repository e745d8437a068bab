"""Shortest words on which a network and its automaton part."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.automaton import PartedWord
from rnnviz.analysis.learned_machine import Machine
from rnnviz.analysis.network_answers import NetworkAnswers, Word
from rnnviz.core.arrays import Array

N_PARTED = 8
_MAX_ROWS, _MAX_NUMBERS = 20_000, 20_000_000
_WALKS, _TIMES_LONGER, _MAX_WALK = 200, 3, 300


def parted_words(
    network: NetworkAnswers, machine: Machine, words: list[Word], generator: np.random.Generator
) -> tuple[tuple[PartedWord, ...], int]:
    """Words on which they part, the shortest first, and the length up to which all were tried.

    All words that the machine knows are tried length by length, until there are too many; and some
    at random that are three times as long as the longest of `words`.
    """
    found, n_complete = _short(network, machine)
    if not found:
        longest = max(map(len, words))
        found = _long(network, machine, min(_MAX_WALK, _TIMES_LONGER * longest), generator)
    return tuple(_told(network, machine, word) for word in found), n_complete


def _short(network: NetworkAnswers, machine: Machine) -> tuple[list[Word], int]:
    """Parting words of the least length, by trying all; each step goes on from the one before."""
    n_symbols = machine.transitions.shape[1]
    a_row = sum(y.n_units * len(y.cell.signals) for y in network.model.layers)
    most = min(_MAX_ROWS, _MAX_NUMBERS // a_row)
    words, states, hidden = np.zeros((1, 0), int), np.zeros(1, int), None
    length = 0
    while len(words) and len(words) * n_symbols <= most:
        before = np.repeat(np.arange(len(words)), n_symbols)
        symbols = np.tile(np.arange(n_symbols), len(words))
        after = machine.transitions[states[before], symbols]
        before, symbols, after = (array[after >= 0] for array in (before, symbols, after))
        if not len(after):
            break
        rows = None if hidden is None else [_rows(one, before) for one in hidden]
        trace = network.continued(rows, symbols)
        words, states = np.column_stack([words[before], symbols]), after
        parted = network.of(trace)[0] != machine.answers[after]
        if parted.any():
            return [tuple(w) for w in words[parted][:N_PARTED].tolist()], length
        hidden = [dict(layer.final) for layer in trace.layers]
        length += 1
    return [], length


def _rows(states: dict[str, Array], rows: Array) -> dict[str, Array]:
    return {name: state[rows] for name, state in states.items()}


def _long(
    network: NetworkAnswers, machine: Machine, length: int, generator: np.random.Generator
) -> list[Word]:
    """Beginnings of random words up to where they part, the shortest first."""
    words = [word for _ in range(_WALKS) if (word := _walk(machine, length, generator))]
    found = set()
    for word, answers in zip(words, network.to(words) if words else [], strict=True):
        is_other = machine.answers[machine.walk(word)] != answers
        if is_other.any():
            found.add(word[: int(is_other.argmax()) + 1])
    return sorted(found, key=lambda word: (len(word), word))[:N_PARTED]


def _walk(machine: Machine, length: int, generator: np.random.Generator) -> Word:
    state, word = 0, []
    for _ in range(length):
        known = np.flatnonzero(machine.transitions[state] >= 0)
        if not len(known):
            break
        word.append(int(generator.choice(known)))
        state = int(machine.transitions[state, word[-1]])
    return tuple(word)


def _told(network: NetworkAnswers, machine: Machine, word: Word) -> PartedWord:
    names = ("", *network.names)
    said, state = network.to([word])[0][-1], machine.walk(word)[-1]
    symbols = tuple(network.symbols[symbol] for symbol in word)
    return PartedWord(symbols, names[said + 1], names[int(machine.answers[state]) + 1])
