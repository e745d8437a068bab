"""What a refusal of a typed text, a mark or a sheet tells to do is done, with the right numbers."""

from __future__ import annotations

import io
import re
from typing import Any

import pandas as pd
import pytest

import rnnviz as rv
from rnnviz.errors import InputError
from rnnviz.inputs.probe import probe_signal


def workbook(sheet: str) -> bytes:
    stream = io.BytesIO()
    frame = pd.DataFrame({"x": [1, 3], "y": [2, 5]})
    frame.to_excel(stream, sheet_name=sheet, index=False, engine="openpyxl")
    return stream.getvalue()


# What is to be done, in the words of the sentence; the refused text; the text that follows them.
NUMBERS = {
    "write it or remove one separator": ("1,,2", "1,2", [[1], [2]]),
    "step 2 holds 1; add or remove numbers there": ("1 2; 3", "1 2; 3 5", [[1, 2], [3, 5]]),
    "separate numbers by commas or spaces": ("1/3", "1, 3", [[1], [3]]),
    "but the text holds none; type some, for example 1, 2.5, -3": (
        "",
        "1, 2.5, -3",
        [[1], [2.5], [-3]],
    ),
    "keep below 1e308": ("1e999", "9e307", [[9e307]]),
}


@pytest.mark.parametrize("words", NUMBERS)
def test_what_a_refusal_of_typed_numbers_tells_is_read(words: str) -> None:
    refused, followed, values = NUMBERS[words]
    with pytest.raises(InputError, match=re.escape(words)):
        rv.parse(refused, "numbers")
    assert rv.parse(followed, "numbers").values[:, 0].tolist() == values


BOOK, TABLE = workbook("a"), b"x,y\n1,2\n3,5\n"
VALUES = [[1, 2], [3, 5]]
FILES: dict[str, tuple[tuple[str, bytes, dict[str, Any]], tuple[str, bytes, dict[str, Any]]]] = {
    "but it has “a”; choose one of them": (
        ("a.xlsx", BOOK, {"sheet": "b"}),
        ("a.xlsx", BOOK, {"sheet": "a"}),
    ),
    "should be a complete workbook, but it is damaged; save it again": (
        ("a.xlsx", BOOK[:-200], {}),
        ("a.xlsx", BOOK, {}),
    ),
    "or name a table of plain text .csv": (("a.xlsx", TABLE, {}), ("a.csv", TABLE, {})),
    "but its first lines are 2; choose one of them": (
        ("a.csv", TABLE[:8], {"header": 9}),
        ("a.csv", TABLE, {"header": 0}),
    ),
    "but its byte 7 is none of that charset; save it again": (
        ("a.csv", "x\n".encode("utf-16") + b"\x00\xd8a", {}),
        ("a.csv", TABLE.decode().encode("utf-16"), {}),
    ),
}


@pytest.mark.parametrize("words", FILES)
def test_what_a_refusal_of_a_table_tells_is_read(words: str) -> None:
    (name, data, told), followed = FILES[words]
    with pytest.raises(InputError, match=re.escape(words)):
        rv.read_sequence(name, data, bounded=False, **told)
    name, data, told = followed
    assert rv.read_sequence(name, data, bounded=False, **told).values[:, 0].tolist() == VALUES


def test_what_a_refusal_of_a_text_tells_is_read() -> None:
    with pytest.raises(InputError, match=re.escape("the control character U+0001; remove it")):
        rv.parse("ab\x01")
    with pytest.raises(InputError, match="type something"):
        rv.parse("  ", "words")
    with pytest.raises(InputError, match="“b” is not; change the text"):
        rv.parse("ab", vocabulary=["a", "c"])
    assert rv.parse("ca", vocabulary=["a", "c"]).values[:, 0].tolist() == [[0, 1], [1, 0]]


# What is to be done, in the words of the sentence; what was refused; what follows them.
TEXTS: dict[str, tuple[dict[str, Any], dict[str, Any], list[Any]]] = {
    "these have 1, 2; make them equal": (
        {"text": ["1; 3", "1 2; 3 5"], "kind": "numbers"},
        {"text": ["1 2; 3 5", "7 9; 8 6"], "kind": "numbers"},
        [[[1, 2], [7, 9]], [[3, 5], [8, 6]]],
    ),
    "One text is a table, but 2 came; give each to a call of its own": (
        {"text": ["x\ty\n1\t2\n3\t5\n"] * 2, "kind": "table"},
        {"text": "x\ty\n1\t2\n3\t5\n", "kind": "table"},
        [[[1, 2]], [[3, 5]]],
    ),
    "but the list is empty; give one": ({"text": []}, {"text": ["ab"]}, [[[1, 0]], [[0, 1]]]),
    "but a int came; give strings": (
        {"text": [1, 2], "kind": "numbers"},
        {"text": ["1, 2"], "kind": "numbers"},
        [[[1]], [[2]]],
    ),
    "one half of a character; paste or save the text again": (
        {"text": "a\ud83d"},
        {"text": "a😀"},
        [[[1, 0]], [[0, 1]]],
    ),
}


@pytest.mark.parametrize("words", TEXTS)
def test_what_a_refusal_of_texts_tells_is_read(words: str) -> None:
    refused, followed, values = TEXTS[words]
    with pytest.raises(InputError, match=re.escape(words)):
        rv.parse(**refused)
    assert rv.parse(**followed).values.tolist() == values


def test_a_test_signal_has_a_step_and_a_feature() -> None:
    with pytest.raises(InputError, match="but 0 and 2 were asked for; raise them"):
        probe_signal("impulses", 2, n_steps=0)
    # A 1 at every tenth step, in one feature after the other.
    assert probe_signal("impulses", 2, n_steps=11).values[::10, 0].tolist() == [[1, 0], [0, 1]]
