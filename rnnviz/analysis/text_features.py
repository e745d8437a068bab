"""Features of a text or table that a unit might follow, a number at every step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.inputs.tokenise import between_tokens, vocabulary_kind

_OPEN, _CLOSE = "([{（［｛「『【《", ")]}）］｝」』】》"
_LINE_ENDS = ("\n", "\r\n", "\r")
_MAX_COLUMNS = 32


@dataclass(frozen=True, eq=False)
class ReadTokens:
    """Tokens of all rows of a text, one row after the other.

    ids     (time,), indices into `tokens`.
    tokens  the different ones.
    starts  first steps of the rows.
    """

    ids: Array
    tokens: tuple[str, ...]
    starts: tuple[int, ...] = (0,)

    def are(self, says: Callable[[str], bool]) -> Array:
        """Mask (time,), True at the tokens of which something is so."""
        of_each = np.fromiter(map(says, self.tokens), bool, len(self.tokens))
        return np.asarray(of_each[self.ids])


def text_features(text: ReadTokens) -> dict[str, Array]:
    """Features of a text after each token, by name (time,); those that do not vary are left out.

    quotes    inside double quotes, straight or curved, the opening one included.
    depth     brackets of any kind that are open.
    line      steps since the last line end.
    word      letters of the word so far, of a text read by character.
    letter, upper, digit, space    what the token is; upper is its first letter.
    position  steps since the beginning of the row, where there are several.

    Quotes and brackets end with a paragraph: at an empty line, or at each line end where the text
    has no empty lines.

    >>> ids, tokens = np.array([0, 1, 2, 0, 3]), ("(", "a", ")", "b")
    >>> text_features(ReadTokens(ids, tokens))["depth"].tolist()
    [1.0, 1.0, 0.0, 1.0, 1.0]
    """
    letter, ends = text.are(str.isalpha), text.are(_LINE_ENDS.__contains__)
    rows = _firsts(len(text.ids), text.starts)
    paragraphs = rows | _paragraph_ends(ends)
    is_by_character = vocabulary_kind(text.tokens) == "characters"
    found: Mapping[str, Array] = {
        "quotes": _in_quotes(text, paragraphs),
        "depth": _depth(text, paragraphs),
        "line": _steps_since(ends | rows) if ends.any() else rows * 0,
        "word": _since(np.cumsum(letter), ~letter | rows) * is_by_character,
        "letter": letter,
        "upper": text.are(lambda token: token[:1].isupper()),
        "digit": text.are(lambda token: token[:1].isdigit()),
        "space": text.are(lambda token: token.isspace() and token not in _LINE_ENDS),
        "position": _steps_since(rows) * (len(text.starts) > 1),
    }
    return varied({name: np.asarray(values, float) for name, values in found.items()})


def occurrences(text: ReadTokens, wanted: str) -> Array:
    """Places of a text in what is read, (place, 2): first step, and the one after the last.

    None over the end of a row; those that overlap are told one by one.

    >>> ids, tokens = np.array([0, 1, 0, 1, 0]), ("a", "b")
    >>> occurrences(ReadTokens(ids, tokens), "aba").tolist()
    [[0, 3], [2, 5]]
    """
    if not wanted:
        return np.zeros((0, 2), int)
    glue = between_tokens(vocabulary_kind(text.tokens))
    widths = np.array([len(token) for token in text.tokens]) + len(glue)
    ends = np.cumsum(widths[text.ids])
    whole = glue.join(text.tokens[number] for number in text.ids.tolist())
    places = np.array([one.start() for one in re.finditer(f"(?={re.escape(wanted)})", whole)], int)
    first = np.searchsorted(ends, places, side="right")
    last = np.searchsorted(ends, places + len(wanted) - 1, side="right")
    rows = np.searchsorted(text.starts, [first, last], side="right")
    return np.asarray(np.column_stack([first, last + 1])[rows[0] == rows[1]])


def column_features(values: Array, names: tuple[str, ...]) -> dict[str, Array]:
    """Columns (time, feature) of a table by name, those that vary, the first 32 at most."""
    columns = zip(names[:_MAX_COLUMNS], values.T[:_MAX_COLUMNS], strict=True)
    return varied({name: np.asarray(column, float) for name, column in columns})


def varied(features: Mapping[str, Array]) -> dict[str, Array]:
    """Features that are not the same at every step."""
    return {name: values for name, values in features.items() if np.ptp(values) > 0}


def _firsts(n_steps: int, starts: tuple[int, ...]) -> Array:
    firsts = np.zeros(n_steps, bool)
    firsts[list(starts)] = True
    return firsts


def _paragraph_ends(ends: Array) -> Array:
    empty = ends & np.concatenate([[False], ends[:-1]])
    return empty if empty.any() else ends


def _steps_since(marks: Array) -> Array:
    """Steps since the last mark, 0 at it, (time,); the first step is one."""
    places = np.arange(len(marks))
    return np.asarray(places - np.maximum.accumulate(np.where(marks, places, 0)))


def _since(counts: Array, marks: Array) -> Array:
    """Running count (time,) less what it was before the last mark; the first step is one."""
    before = np.concatenate([[0], counts[:-1]])
    last = np.arange(len(marks)) - _steps_since(marks)
    return np.asarray(counts - before[last])


def _in_quotes(text: ReadTokens, paragraphs: Array) -> Array:
    straight = _since(np.cumsum(text.are('"'.__eq__)), paragraphs) % 2 == 1
    curved = _nested(text.are("“".__eq__), text.are("”".__eq__), paragraphs) > 0
    return np.asarray(straight | curved)


def _depth(text: ReadTokens, paragraphs: Array) -> Array:
    is_open = text.are(lambda token: token in _OPEN and len(token) == 1)
    return _nested(is_open, text.are(lambda t: t in _CLOSE and len(t) == 1), paragraphs)


def _nested(opened: Array, closed: Array, paragraphs: Array) -> Array:
    """How many are open, never below 0, (time,); none is at a paragraph's first step."""
    balance = _since(np.cumsum(opened.astype(int) - closed), paragraphs)
    # The lowest so far of each paragraph: every paragraph stands below the one before.
    below = np.cumsum(paragraphs) * (2 * len(balance) + 1)
    lowest = np.minimum.accumulate(balance - below) + below
    return np.asarray(balance - np.minimum(lowest, 0))
