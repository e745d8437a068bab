"""Right answers of a task to a sequence that somebody brings, where they can be known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Sequence as SequenceOf

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.train.choice_task import TRIALS
from rnnviz.train.language_tasks import COPY_SYMBOLS
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import BRACKETS, DEEPEST, ORDER_CLASSES


def right_answers(task: str, sequence: Sequence, *, row: int = 0, is_whole: bool = True) -> Array:
    """Right answers of a task to a sequence, NaN where the task does not say or ask.

    An index of the task's outputs (time,), or for numbers (time, output). The language of a
    surname is never known: a name does not tell it.

    is_whole  False for a part of a longer sequence: of it only the next step is known.

    >>> import rnnviz as rv
    >>> right_answers("brackets", rv.parse("[()]", kind="characters")).tolist()
    [1.0, 2.0, 1.0, 0.0]
    """
    length, kind = sequence.lengths[row], TASKS[task].kind
    n_outputs = TASKS[task].n_outputs
    unknown = np.full((length, n_outputs) if kind == "regress" else length, np.nan)
    find = _KNOWN.get(task)
    if find is None or not (is_whole or task in _NEXT):
        return unknown
    return find(unknown, sequence.tokens[row][:length], sequence.values[:length, row])


_Found = Callable[[Array, SequenceOf[str], Array], Array]


def _next_of(task: str) -> _Found:
    def find(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
        index = {symbol: i for i, symbol in enumerate(TASKS[task].outputs)}
        following = [index.get(token, np.nan) for token in tokens[1:]]
        return np.array([*following, np.nan])

    return find


def _counting(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    answers, text = unknown.copy(), "".join(tokens)
    count = len(text) - len(text.lstrip("a"))
    for step in range(count, 2 * count):
        if text[step : step + 1] != "b":
            break
        answers[step] = 1 if step + 1 < 2 * count else 2
    return answers


def _parity(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    digits = "".join(tokens)
    read = digits[: len(digits) - len(digits.lstrip("01"))]
    answers = unknown.copy()
    answers[: len(read)] = np.cumsum([int(digit) for digit in read]) % 2
    return answers


def _copy(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    answers, text = unknown.copy(), "".join(tokens)
    read = re.fullmatch(r"([abcd]*)-*(\?*)", text)
    if read is None or len(read[2]) > len(read[1]):
        return answers
    start = len(text) - len(read[2])
    for step, letter in enumerate(read[1][: len(read[2])], start):
        answers[step] = COPY_SYMBOLS.index(letter)
    return answers


def _choices(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    sides = [float(token in "Rr") if token in TRIALS else np.nan for token in tokens[1:]]
    return np.array([*sides, np.nan])


def _brackets(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    open_, depths = "", unknown.copy()
    for step, symbol in enumerate(tokens):
        place = BRACKETS.index(symbol) if symbol in BRACKETS else -1
        if place < 0 or (place % 2 and open_[-1:] != BRACKETS[place - 1]):
            break
        open_ = open_[:-1] if place % 2 else open_ + symbol
        if len(open_) <= DEEPEST:
            depths[step] = len(open_)
    return depths


def _temporal_order(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    pair = "".join(token for token in tokens if token in ("X", "Y"))
    if pair not in ORDER_CLASSES:
        return unknown
    return np.array([*unknown[:-1], ORDER_CLASSES.index(pair)])


def _adding(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    marks = values[:, 1]
    answers = unknown.copy()
    if sorted(marks[marks != 0].tolist()) == [1, 1]:
        answers[-1] = (values[:, 0] * marks).sum(dtype=np.float64)
    return answers


def _flip_flop(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    if not np.isin(values, (-1, 0, 1)).all():
        return unknown
    steps = np.where(values != 0, np.arange(len(values))[:, None], -1)
    latest = np.maximum.accumulate(steps)
    held = np.take_along_axis(values, np.maximum(latest, 0), axis=0)
    return np.where(latest < 0, np.nan, held)


def _sines(unknown: Array, tokens: SequenceOf[str], values: Array) -> Array:
    return np.concatenate([values[1:].astype(np.float64), unknown[-1:]])


_KNOWN: Mapping[str, _Found] = {
    "next_character": _next_of("next_character"),
    "brackets": _brackets,
    "temporal_order": _temporal_order,
    "adding": _adding,
    "flip_flop": _flip_flop,
    "sines": _sines,
    "counting": _counting,
    "reber": _next_of("reber"),
    "parity": _parity,
    "copy": _copy,
    "choices": _choices,
}
_NEXT = ("next_character", "sines", "reber", "choices")
