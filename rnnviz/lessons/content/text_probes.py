"""Linear probes: how well properties of a text can be read off a network's cell states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import HELD_OUT_SHARE, book, one_hot_sequence

PRESET = "next_character_lstm"
PROPERTIES = ("quotes", "parentheses", "position", "inside", "space")
NUMERIC_PROPERTIES = ("position",)
WIDTH = 400  # steps of a row
FITTED = 24_000  # characters of the training text that probes are fitted on


def text_properties(text: str) -> dict[str, Array]:
    """Properties of a text after each character, by name (time,); a line ends quotes and brackets.

    quotes       inside straight double quotes, the opening one included.
    parentheses  inside parentheses, the opening one included.
    position     letters of the word read so far.
    inside       the character is a letter.
    space        the character is a space.

    >>> text_properties('a ("b')["quotes"].tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0]
    """
    found = np.array(list(_property_rows(text)), float)
    return dict(zip(PROPERTIES, found.T, strict=True))


def _property_rows(text: str) -> Iterator[tuple[float, ...]]:
    in_quotes, depth, position = False, 0, 0
    for character in text:
        if character == "\n":
            in_quotes, depth = False, 0
        in_quotes ^= character == '"'
        depth = max(0, depth + (character == "(") - (character == ")"))
        position = position + 1 if character.isalpha() else 0
        yield in_quotes, depth > 0, position, character.isalpha(), character == " "


@dataclass(frozen=True, eq=False)
class ProbedText:
    """Text read by the network in rows, each from the beginning of a paragraph.

    cell        (time, unit), cell states of all rows, concatenated.
    properties  by name, (time,).
    """

    trace: Trace
    cell: Array
    properties: dict[str, Array]


@cache
def held_out_text() -> ProbedText:
    """Last tenth of the book, which is not in the training text."""
    return _read(held_out_rows())


@cache
def training_text() -> ProbedText:
    """End of the training text, on which probes are fitted."""
    text = book()[cut_place() - FITTED : cut_place()].partition("\n")[2]
    return _read(tuple(_rows(text)))


@cache
def held_out_rows() -> tuple[str, ...]:
    """Last tenth of the book in rows, each from the beginning of a paragraph."""
    return tuple(_rows(book()[cut_place() :].partition("\n")[2]))


def cut_place() -> int:
    """Place in the book where the training text ends."""
    return int(len(book()) * (1 - HELD_OUT_SHARE))


def _read(rows: tuple[str, ...]) -> ProbedText:
    own = preset(PRESET)
    read = trace(own.model(), one_hot_sequence(rows, own.vocabulary))
    cell = [read["cell"][: len(row), i] for i, row in enumerate(rows)]
    each = [text_properties(row) for row in rows]
    true = {name: np.concatenate([one[name] for one in each]) for name in PROPERTIES}
    return ProbedText(read, np.concatenate(cell).astype(float), true)


def _rows(text: str) -> Iterator[str]:
    """Whole paragraphs, as many as fit into a row; longer ones are cut."""
    row = ""
    for paragraph in text.splitlines(keepends=True):
        if row and len(row) + len(paragraph) > WIDTH:
            yield row
            row = ""
        row = (row + paragraph)[:WIDTH]
    yield row


@dataclass(frozen=True)
class ProbeResult:
    """Accuracy of a property's probe on held-out text.

    unit        with the largest correlation, by size, on the training text; `r`, its held-out
                correlation, with its sign.
    linear_r    correlation of the linear fit to all units.
    accuracy    share of steps where the fit is on the right side of a half; `base_rate`, of the
                more frequent value. NaN for a number.
    """

    unit: int
    r: float
    linear_r: float
    accuracy: float
    base_rate: float


@cache
def probe(name: str) -> ProbeResult:
    """Probe of one of the properties."""
    old, new = training_text(), held_out_text()
    unit = int(np.argmax(abs(correlations(old.cell, old.properties[name]))))
    true = new.properties[name]
    said = linear_fit(old.cell, old.properties[name], new.cell)
    answers = (np.nan, np.nan)
    if name not in NUMERIC_PROPERTIES:
        answers = float(np.mean((said > 0.5) == true)), float(max(true.mean(), 1 - true.mean()))
    r = float(correlations(new.cell[:, unit : unit + 1], true)[0])
    return ProbeResult(unit, r, float(np.corrcoef(said, true)[0, 1]), *answers)


def correlations(states: Array, true: Array) -> Array:
    """Correlation of each unit's state (time, unit) with a property (time,), (unit,)."""
    centred, wanted = states - states.mean(axis=0), true - true.mean()
    spread = np.sqrt((centred**2).sum(axis=0) * (wanted**2).sum())
    return np.asarray(wanted @ centred / np.where(spread > 0, spread, 1))


def linear_fit(states: Array, true: Array, others: Array) -> Array:
    """Prediction for other states of the least-squares fit of a property to states, (time,)."""
    wide, rest = (np.column_stack([one, np.ones(len(one))]) for one in (states, others))
    return np.asarray(rest @ np.linalg.lstsq(wide, true, rcond=None)[0])


def span_lengths(marks: Array) -> Array:
    """Lengths of the unbroken stretches in which a property that is 0 or 1 holds, in characters.

    >>> span_lengths(np.array([0, 1, 1, 0, 1])).tolist()
    [2, 1]
    """
    edges = np.diff(marks, prepend=0, append=0)
    return np.asarray(np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0))
