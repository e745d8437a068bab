"""Tasks that read symbols: the next character, brackets, an order in time, a name's language."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from functools import cache

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.resources import asset
from rnnviz.core.sequence import Sequence
from rnnviz.inputs.encode import one_hot
from rnnviz.train.task import Batch, Task

UNKNOWN = "<unk>"


def one_hot_sequence(rows: SequenceOf[SequenceOf[str]], vocabulary: tuple[str, ...]) -> Sequence:
    """Rows of symbols as a one-hot sequence, those outside the vocabulary as "<unk>"."""
    tokens = tuple(tuple(s if s in vocabulary else UNKNOWN for s in row) for row in rows)
    values = one_hot(tokens, vocabulary)
    return Sequence(values, tokens, tuple(map(len, tokens)), vocabulary, "one_hot")


def padded_labels(rows: SequenceOf[SequenceOf[int]]) -> Array:
    """Labels (time, batch), 0 after a row's end."""
    padded = np.zeros((max(map(len, rows)), len(rows)), np.int64)
    for i, row in enumerate(rows):
        padded[: len(row), i] = row
    return padded


def last_steps(sequence: Sequence) -> Array:
    """Mask (time, batch), True at each row's last step."""
    return np.asarray(np.arange(sequence.n_steps)[:, None] == np.asarray(sequence.lengths) - 1)


# The next character of "Alice's Adventures in Wonderland".

NEXT_LENGTH = 80
HELD_OUT_SHARE = 0.1
RARE = 5


@cache
def book() -> str:
    """Lewis Carroll's "Alice's Adventures in Wonderland" (1865), a paragraph a line."""
    return asset("models", "data", "alice.txt").read_text("utf-8")


def book_parts() -> tuple[str, str]:
    """The text to learn from, and the last tenth, which is held out."""
    cut = int(len(book()) * (1 - HELD_OUT_SHARE))
    return book()[:cut], book()[cut:]


def _characters(text: str) -> tuple[str, ...]:
    common = (symbol for symbol, count in Counter(text).items() if count >= RARE)
    return (*sorted(common), UNKNOWN)


def _next_character(generator: np.random.Generator, size: int, part: int) -> Batch:
    text, vocabulary = book_parts()[part], TEXT_TASKS["next_character"].vocabulary
    starts = generator.integers(len(text) - NEXT_LENGTH, size=size)
    windows = [text[start : start + NEXT_LENGTH + 1] for start in starts]
    sequence = one_hot_sequence([window[:-1] for window in windows], vocabulary)
    index = {symbol: i for i, symbol in enumerate(vocabulary)}
    rows = [[index.get(symbol, index[UNKNOWN]) for symbol in window[1:]] for window in windows]
    targets = padded_labels(rows)
    return Batch(sequence, targets, np.ones(targets.shape, bool))


def _next_character_task() -> Task:
    vocabulary = _characters(book())
    held_out = book_parts()[1]
    return Task(
        name="next_character",
        kind="next",
        vocabulary=vocabulary,
        outputs=vocabulary,
        length=NEXT_LENGTH,
        metric="accuracy",
        chance=Counter(held_out).most_common(1)[0][1] / len(held_out),
        training_batch=lambda generator, size: _next_character(generator, size, 0),
        held_out_batch=lambda generator, size: _next_character(generator, size, 1),
        rate=0.004,
    )


# How deep a symbol stands in balanced brackets.

BRACKETS = ("(", ")", "[", "]", "{", "}")
BRACKETS_LENGTH = 40
DEEPEST = 5


def balanced(generator: np.random.Generator, length: int) -> str:
    """Balanced brackets of three sorts, up to five deep; `length` is even."""
    open_, text = "", ""
    for left in range(length, 0, -1):
        full = len(open_) in (DEEPEST, left)
        if not open_ or (not full and generator.random() < 0.5):
            open_ += BRACKETS[2 * generator.integers(3)]
            text += open_[-1]
        else:
            text += BRACKETS[BRACKETS.index(open_[-1]) + 1]
            open_ = open_[:-1]
    return text


def _brackets(generator: np.random.Generator, size: int) -> Batch:
    rows = [balanced(generator, BRACKETS_LENGTH) for _ in range(size)]
    steps = np.array([[1 if symbol in "([{" else -1 for symbol in row] for row in rows]).T
    depth = steps.cumsum(axis=0)
    return Batch(one_hot_sequence(rows, BRACKETS), depth, np.ones(depth.shape, bool))


# The order of two symbols among others: Hochreiter & Schmidhuber (1997), experiment 6a.

ORDER_SYMBOLS = ("a", "b", "c", "d", "X", "Y")
ORDER_CLASSES = ("XX", "XY", "YX", "YY")
ORDER_LENGTH = 50


def _temporal_order(generator: np.random.Generator, size: int) -> Batch:
    symbols = generator.integers(4, size=(ORDER_LENGTH, size))
    first = generator.integers(ORDER_LENGTH // 10, ORDER_LENGTH // 5, size=size)
    second = generator.integers(ORDER_LENGTH // 2, ORDER_LENGTH * 3 // 5, size=size)
    pairs = generator.integers(2, size=(2, size))
    symbols[first, np.arange(size)] = 4 + pairs[0]
    symbols[second, np.arange(size)] = 4 + pairs[1]
    rows = [[ORDER_SYMBOLS[symbol] for symbol in row] for row in symbols.T]
    sequence = one_hot_sequence(rows, ORDER_SYMBOLS)
    targets = np.broadcast_to(2 * pairs[0] + pairs[1], symbols.shape)
    return Batch(sequence, targets, last_steps(sequence))


# The language of a surname.

NAME_HELD_OUT = 5


@cache
def surnames() -> Mapping[str, list[str]]:
    """Surnames by language, those that no other of the languages has (package Faker, MIT)."""
    text = asset("models", "data", "surnames.json").read_text("utf-8")
    names: Mapping[str, list[str]] = json.loads(text)
    return names


def _name_parts() -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Names with their language's index: four of five to learn from, every fifth held out."""
    parts: tuple[list[tuple[str, int]], list[tuple[str, int]]] = ([], [])
    for language, names in enumerate(surnames().values()):
        for i, name in enumerate(names):
            parts[i % NAME_HELD_OUT == 0].append((name, language))
    return parts


def _languages(generator: np.random.Generator, size: int, part: int) -> Batch:
    pool = _name_parts()[part]
    sampled = [pool[i] for i in generator.integers(len(pool), size=size)]
    # Half of them in small letters, so that a name is known however it is typed.
    lower = generator.random(size) < 0.5
    rows = [name.lower() if low else name for (name, _), low in zip(sampled, lower, strict=True)]
    sequence = one_hot_sequence(rows, TEXT_TASKS["languages"].vocabulary)
    targets = np.broadcast_to([language for _, language in sampled], (sequence.n_steps, size))
    return Batch(sequence, targets, last_steps(sequence))


def _languages_task() -> Task:
    names = [name for names in surnames().values() for name in names]
    letters = {letter for name in names for letter in name + name.lower()}
    held_out = Counter(language for _, language in _name_parts()[1])
    return Task(
        name="languages",
        kind="classify",
        vocabulary=(*sorted(letters), UNKNOWN),
        outputs=tuple(surnames()),
        length=max(map(len, names)),
        metric="accuracy",
        chance=max(held_out.values()) / sum(held_out.values()),
        training_batch=lambda generator, size: _languages(generator, size, 0),
        held_out_batch=lambda generator, size: _languages(generator, size, 1),
    )


TEXT_TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        _next_character_task(),
        Task(
            name="brackets",
            kind="tag",
            vocabulary=BRACKETS,
            outputs=tuple(map(str, range(DEEPEST + 1))),
            length=BRACKETS_LENGTH,
            metric="accuracy",
            # The share of depth 1, the most frequent, among 800 000 steps.
            chance=0.254,
            training_batch=_brackets,
            held_out_batch=_brackets,
            rate=0.01,
        ),
        Task(
            name="temporal_order",
            kind="classify",
            vocabulary=ORDER_SYMBOLS,
            outputs=ORDER_CLASSES,
            length=ORDER_LENGTH,
            metric="accuracy",
            chance=1 / len(ORDER_CLASSES),
            training_batch=_temporal_order,
            held_out_batch=_temporal_order,
        ),
        _languages_task(),
    )
}
# A training reads them again; who trains nothing does without the book and six thousand names.
book.cache_clear()
surnames.cache_clear()
