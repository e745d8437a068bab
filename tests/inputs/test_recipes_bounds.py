"""What the refusal of too large an input tells to do is done, and opens as the right numbers."""

from __future__ import annotations

import gzip
import json
import re
import sys
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.bounded.limits import MEGABYTE, Limits
from rnnviz.errors import InputError
from tests.inputs.test_recipes import PLAIN, VALUES, Given, arrow, file, npy, npz, read

LONG = PLAIN + "7,9\n" * 20
PACKED = gzip.compress(LONG.encode())
# By what is to be done, in the words of the sentence: the bound, which is set low here, and what
# it is set to; the refused file; the file that follows them.
FILES: dict[str, tuple[str, int, Given, Given]] = {
    "A file may be 30 bytes large, but “a.csv” has 92; choose a part of it": (
        "source.MAX_BYTES",
        30,
        file("a.csv", LONG),
        file("a.csv", PLAIN),
    ),
    "A file may unpack to 60 bytes, but “a.csv.gz” is larger; choose a part of it": (
        "source.MAX_UNPACKED",
        60,
        file("a.csv.gz", PACKED),
        file("a.csv.gz", gzip.compress(PLAIN.encode())),
    ),
    "A table may hold 8 values, but “a.csv” has more; choose a part of it": (
        "source.MAX_CELLS",
        8,
        file("a.csv", LONG),
        file("a.csv", PLAIN),
    ),
    "A table may have 3 columns, but “a.csv” has 4; save it with fewer": (
        "source.MAX_COLUMNS",
        3,
        file("a.csv", "x,y,z,w\n1,2,0,0\n3,5,0,0\n"),
        file("a.csv", PLAIN),
    ),
    "A table may have 3 columns, but “a.parquet” has 4; save it with fewer": (
        "source.MAX_COLUMNS",
        3,
        file("a.parquet", arrow(x=[1, 3], y=[2, 5], z=[0, 0], w=[0, 0])),
        file("a.parquet", arrow(x=[1, 3], y=[2, 5])),
    ),
    "may have 3 rows and features, but “a.npy” has 1 rows and 4 features; choose a part of it": (
        "source.MAX_AXIS",
        3,
        file("a.npy", npy(np.array([[[1, 2, 0, 0]], [[3, 5, 0, 0]]]))),
        file("a.npy", npy(np.array([[[1, 2, 0, 0]], [[3, 5, 0, 0]]])[:, :, :2])),
    ),
    "“a.npz” should hold 1 to 2 arrays, but it holds 3; save fewer": (
        "npz.MAX_MEMBERS",
        2,
        file("a.npz", npz(x=[1, 3], y=[2, 5], z=[0, 0])),
        file("a.npz", npz(x=[1, 3], y=[2, 5])),
    ),
    "A JSON file may hold 2 objects and lists, but “a.json” has more; save it as CSV": (
        "json_text._MAX_OBJECTS",
        2,
        file("a.json", json.dumps(VALUES)),
        file("a.csv", PLAIN),
    ),
    "objects and lists, but “a.json” has more; save it as CSV or Parquet": (
        "json_text._MAX_OBJECTS",
        2,
        file("a.json", json.dumps(VALUES)),
        file("a.parquet", arrow(x=[1, 3], y=[2, 5])),
    ),
    "2 different short texts, but “s” holds 3 or long ones; choose another column": (
        "column.MAX_CATEGORIES",
        2,
        file("a.csv", "s,x,y\na,1,2\nb,3,5\nc,3,5\n", columns=["s"]),
        file("a.csv", "s,x,y\na,1,2\nb,3,5\n", columns=["x", "y"]),
    ),
}


@pytest.mark.parametrize("words", FILES)
def test_what_a_refusal_of_a_large_file_tells_opens(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound, value, refused, followed = FILES[words]
    for module in ("features", "infer_column") if "CATEGORIES" in bound else (bound.split(".")[0],):
        monkeypatch.setattr(f"rnnviz.inputs.{module}.{bound.split('.')[1]}", value)
    with pytest.raises(InputError, match=re.escape(words)):
        read(refused)
    assert read(followed) == VALUES


HOT = [[1, 0], [0, 1]]
TEXTS: dict[str, tuple[str, int, dict[str, Any], dict[str, Any], list[list[float]]]] = {
    "A text may be 3 characters long, but this one has 4; read a part of it": (
        "parse.MAX_CHARACTERS",
        3,
        {"text": "abab"},
        {"text": "ab"},
        HOT,
    ),
    "hold 6 numbers, but 3 steps × 1 rows × 3 features are more; shorten it": (
        "encode.MAX_VALUES",
        6,
        {"text": "abc"},
        {"text": "ab"},
        HOT,
    ),
    "At most 2 steps can be read here, but 3 came; shorten the input": (
        "parse.MAX_STEPS",
        2,
        {"text": "1, 2, 3", "kind": "numbers"},
        {"text": "1, 2", "kind": "numbers"},
        [[1], [2]],
    ),
}


@pytest.mark.parametrize("words", TEXTS)
def test_what_a_refusal_of_a_long_text_tells_is_read(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound, value, refused, followed, values = TEXTS[words]
    monkeypatch.setattr(f"rnnviz.inputs.{bound}", value)
    with pytest.raises(InputError, match=re.escape(words)):
        rv.parse(**refused)
    assert rv.parse(**followed).values[:, 0].tolist() == values


def test_an_embedding_is_smaller_than_one_number_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.inputs.encode.MAX_VALUES", 12)
    with pytest.raises(InputError, match="shorten it or, for text, choose an embedding"):
        rv.parse("abcde")
    with pytest.raises(InputError, match="but 5000 were asked for; choose a size between"):
        rv.parse("abcde", encoding="embedding", size=5_000)
    values = rv.parse("abcae", encoding="embedding", size=2).values[:, 0]
    assert values.shape == (5, 2)
    # A vector a token: the two a's have the same, and no other has.
    assert [(row == values[0]).all() for row in values] == [True, False, False, True, False]


# By what is to be done: seconds, megabytes of memory and of the result that a file is given.
EXCESSES = {
    "0.3 s of computing that a file of its size is given; choose a part of it": (0.3, 400, 400),
    "takes more than 8 MB of memory to read; choose a part of it": (9, 8, 400),
    "holds more than 2 MB once it is read; choose a part of it": (9, 400, 2),
}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process has no such limits")
@pytest.mark.parametrize("words", EXCESSES)
def test_a_part_of_what_takes_too_much_is_read(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, memory, result = EXCESSES[words]
    limits = Limits(seconds, memory * MEGABYTE, 20, result * MEGABYTE)
    monkeypatch.setattr("rnnviz.inputs.bounded_file.reading_limits", lambda *_: limits)
    rows = "".join(f"{i},{i / 7}\n" for i in range(1_000_000))
    with pytest.raises(InputError, match=re.escape(words)):
        rv.read_sequence("a.csv", f"x,y\n{rows}".encode(), bounded=True)
    part = rv.read_sequence("a.csv", f"x,y\n{rows[: rows.index('9,')]}".encode(), bounded=True)
    np.testing.assert_array_equal(part.values[:, 0], [[i, i / 7] for i in range(9)])
