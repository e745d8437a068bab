"""What is true of a text at each character, and how well a network's memory tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from rnnviz.api import trace
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import HELD_OUT_SHARE, book, one_hot_sequence

PRESET = "next_character_lstm"
PROPERTIES = ("quotes", "parentheses", "position", "inside", "space")
NUMBERS = ("position",)
WIDTH = 400  # steps of a row
FITTED = 24_000  # characters of the part that was learned from


def properties(text: str) -> dict[str, Array]:
    """By name what holds after each character (time,); quotes and parentheses end with a line.

    quotes       inside straight double quotes, the opening one included.
    parentheses  inside parentheses, the opening one included.
    position     letters of the word read so far.
    inside       the character is a letter.
    space        the character is a space.

    >>> properties('a ("b')["quotes"].tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0]
    """
    found = np.array(list(_each(text)), float)
    return dict(zip(PROPERTIES, found.T, strict=True))


def _each(text: str) -> Iterator[tuple[float, ...]]:
    in_quotes, depth, position = False, 0, 0
    for character in text:
        if character == "\n":
            in_quotes, depth = False, 0
        in_quotes ^= character == '"'
        depth = max(0, depth + (character == "(") - (character == ")"))
        position = position + 1 if character.isalpha() else 0
        yield in_quotes, depth > 0, position, character.isalpha(), character == " "


@dataclass(frozen=True, eq=False)
class Read:
    """Text that the network has read in rows, each from the beginning of a paragraph.

    cell  (time, unit), its cell states, all rows one after the other.
    true  by property, (time,).
    """

    trace: Trace
    cell: Array
    true: dict[str, Array]


@cache
def held_out() -> Read:
    """The last tenth of the book, which the network never learned from."""
    return _read(book()[_cut() :].partition("\n")[2])


@cache
def learned_from() -> Read:
    """A piece of the rest."""
    return _read(book()[_cut() - FITTED : _cut()].partition("\n")[2])


def _cut() -> int:
    return int(len(book()) * (1 - HELD_OUT_SHARE))


def _read(text: str) -> Read:
    rows = list(_rows(text))
    own = preset(PRESET)
    read = trace(own.model(), one_hot_sequence(rows, own.vocabulary))
    cell = [read["cell"][: len(row), i] for i, row in enumerate(rows)]
    each = [properties(row) for row in rows]
    true = {name: np.concatenate([one[name] for one in each]) for name in PROPERTIES}
    return Read(read, np.concatenate(cell).astype(float), true)


def _rows(text: str) -> Iterator[str]:
    """Whole paragraphs, as many as fit into a row; what is longer is cut."""
    row = ""
    for paragraph in text.splitlines(keepends=True):
        if row and len(row) + len(paragraph) > WIDTH:
            yield row
            row = ""
        row = (row + paragraph)[:WIDTH]
    yield row


@dataclass(frozen=True)
class Told:
    """How well a property can be read off the cell states, on held-out text.

    unit      that follows it best on the text learned from; `r`, its correlation on held-out text.
    straight  correlation of a straight line through all units, fitted on the text learned from.
    right     share of steps where that line is on the right side of a half; `same`, where always
              the more frequent answer would be. NaN of a number.
    """

    unit: int
    r: float
    straight: float
    right: float
    same: float


@cache
def told(name: str) -> Told:
    """One of the properties, measured."""
    old, new = learned_from(), held_out()
    unit = int(np.argmax(abs(correlations(old.cell, old.true[name]))))
    true = new.true[name]
    said = straight(old.cell, old.true[name], new.cell)
    answers = (np.nan, np.nan)
    if name not in NUMBERS:
        answers = float(np.mean((said > 0.5) == true)), float(max(true.mean(), 1 - true.mean()))
    r = float(correlations(new.cell[:, unit : unit + 1], true)[0])
    return Told(unit, abs(r), float(np.corrcoef(said, true)[0, 1]), *answers)


def correlations(states: Array, true: Array) -> Array:
    """Of each unit's state (time, unit) with what is true (time,): (unit,)."""
    centred, wanted = states - states.mean(axis=0), true - true.mean()
    spread = np.sqrt((centred**2).sum(axis=0) * (wanted**2).sum())
    return np.asarray(wanted @ centred / np.where(spread > 0, spread, 1))


def straight(states: Array, true: Array, others: Array) -> Array:
    """What a straight line through all units says of other states: least squares, (time,)."""
    wide, rest = (np.column_stack([one, np.ones(len(one))]) for one in (states, others))
    return np.asarray(rest @ np.linalg.lstsq(wide, true, rcond=None)[0])
