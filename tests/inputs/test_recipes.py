"""What the refusal of an input tells to do is done here, and opens as the right numbers."""

from __future__ import annotations

import gzip
import io
import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import rnnviz as rv
from rnnviz.errors import InputError

Given = tuple[str, bytes, dict[str, Any]]


def file(name: str, data: str | bytes, **options: Any) -> Given:
    return name, data.encode() if isinstance(data, str) else data, options


def npy(array: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array))
    return stream.getvalue()


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **{name: np.asarray(array) for name, array in arrays.items()})
    return stream.getvalue()


def arrow(**columns: object) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


def read(given: Given) -> list[list[float]]:
    name, data, options = given
    return rv.read_sequence(name, data, bounded=False, **options).values[:, 0].tolist()


PLAIN = "x,y\n1,2\n3,5\n"
VALUES = [[1, 2], [3, 5]]
GAP = "x,y\n1,2\n,3\n5,7\n"
DATED = "day,x\n2024-01-01,1\n2024-01-02,3\n"
SWISS = "x,y\n1,5,2,5\n3,5,5,5\n4,5,6,5\n"
ACCENTS = "été,naïve,où,ça\n" * 9
# What is to be done, in the words of the sentence; the refused file; the file that follows them.
RECIPES: dict[str, tuple[Given, Given, list[list[float]]]] = {
    "was expected (text formats may add .gz), but “a.docx” came; save it as one of these": (
        file("a.docx", PLAIN),
        file("a.csv", PLAIN),
        VALUES,
    ),
    "“a.csv” is empty; choose a file with content": (file("a.csv", ""), file("a.csv", "7"), [[7]]),
    "“a.csv” holds no values; choose a file with some": (
        file("a.csv", "\n \n"),
        file("a.csv", PLAIN),
        VALUES,
    ),
    "At least one row of values was expected, but “a.csv” holds none; add some": (
        file("a.csv", "x,y\n"),
        file("a.csv", PLAIN),
        VALUES,
    ),
    "“a.csv” has no column “z”; choose among x, y": (
        file("a.csv", PLAIN, columns=["z"]),
        file("a.csv", PLAIN, columns=["y"]),
        [[2], [5]],
    ),
    "Column “day” holds dates, which cannot be a feature; use it as the axis": (
        file("a.csv", DATED, columns=["day"]),
        file("a.csv", DATED, axis="day"),
        [[1], [3]],
    ),
    "Column “y” should hold values, but all 2 are missing; choose another column": (
        file("a.csv", "x,y\n1,\n3,\n", columns=["y"]),
        file("a.csv", "x,y\n1,\n3,\n", columns=["x"]),
        [[1], [3]],
    ),
    "holds numbers too large to scale; divide them": (
        file("a.csv", "x\n1e308\n-1e308\n1e308\n", scale="standard"),
        file("a.csv", "x\n1\n-1\n1\n", scale="minmax"),
        [[1], [0], [1]],
    ),
    "too large to scale; divide them or choose no scaling": (
        file("a.csv", "x\n1e308\n-1e308\n1e308\n", scale="standard"),
        file("a.csv", "x\n1e308\n-1e308\n1e308\n", scale="none"),
        [[1e308], [-1e308], [1e308]],
    ),
    "should hold finite numbers, but row 2 is infinite or above 1e308; correct it": (
        file("a.csv", "x,y\n1,2\ninf,5\n", columns=["x", "y"]),
        file("a.csv", PLAIN, columns=["x", "y"]),
        VALUES,
    ),
    "infinite or above 1e308; correct it or choose another column": (
        file("a.csv", "x,y\n1,2\ninf,5\n", columns=["x", "y"]),
        file("a.csv", "x,y\n1,2\ninf,5\n", columns=["y"]),
        [[2], [5]],
    ),
    "misses x: 1; choose interpolate": (
        file("a.csv", GAP),
        file("a.csv", GAP, missing="interpolate"),
        [[1, 2], [3, 3], [5, 7]],
    ),
    "choose interpolate, previous": (
        file("a.csv", GAP),
        file("a.csv", GAP, missing="previous"),
        [[1, 2], [1, 3], [5, 7]],
    ),
    "choose interpolate, previous, mean": (
        file("a.csv", GAP),
        file("a.csv", GAP, missing="mean"),
        [[1, 2], [3, 3], [5, 7]],
    ),
    "choose interpolate, previous, mean, zero": (
        file("a.csv", GAP),
        file("a.csv", GAP, missing="zero"),
        [[1, 2], [0, 3], [5, 7]],
    ),
    "choose interpolate, previous, mean, zero or drop": (
        file("a.csv", GAP),
        file("a.csv", GAP, missing="drop"),
        [[1, 2], [5, 7]],
    ),
    "every row of “a.csv” misses a value in": (
        file("a.csv", "x,y\n1,\n,2\n3,\n", missing="drop"),
        file("a.csv", "x,y\n1,\n,2\n3,\n", missing="drop", columns=["x"]),
        [[1], [3]],
    ),
    "choose fewer columns or fill the gaps": (
        file("a.csv", "x,y\n1,\n,2\n3,\n", missing="drop"),
        file("a.csv", "x,y\n1,\n,2\n3,\n", missing="zero"),
        [[1, 0], [0, 2], [3, 0]],
    ),
    "correct it, or put quotes around values with a delimiter inside": (
        file("a.csv", "x,s\n1,a\n3,b, c\n", columns=["x"]),
        file("a.csv", 'x,s\n1,a\n3,"b, c"\n', columns=["x"]),
        [[1], [3]],
    ),
    "close every quotation mark it opens, but does not; write a mark inside quotes twice": (
        file("a.csv", 'x,s\n1,"a\n3,b\n', columns=["x"]),
        file("a.csv", 'x,s\n1,"""a"\n3,b\n', columns=["x"]),
        [[1], [3]],
    ),
    "put quotes around numbers with a decimal comma": (
        file("a.csv", SWISS),
        file("a.csv", 'x,y\n"1,5","2,5"\n"3,5","5,5"\n"4,5","6,5"\n'),
        [[1.5, 2.5], [3.5, 5.5], [4.5, 6.5]],
    ),
    "or semicolons between the columns": (
        file("a.csv", SWISS),
        file("a.csv", "x;y\n1,5;2,5\n3,5;5,5\n4,5;6,5\n"),
        [[1.5, 2.5], [3.5, 5.5], [4.5, 6.5]],
    ),
    "but “/” came; choose one of them": (
        file("a.csv", PLAIN, sep="/"),
        file("a.csv", PLAIN, sep=","),
        VALUES,
    ),
    "should be a number of lines from 0, but “-1” came; leave it out to have it found": (
        file("a.csv", PLAIN, skipfooter=-1),
        file("a.csv", PLAIN),
        VALUES,
    ),
    "The decimal mark and the thousands mark should differ, but both are “,”; change one": (
        file("a.csv", "x;y\n1,5;2\n3,5;5\n", decimal=",", thousands=","),
        file("a.csv", "x;y\n1,5;2\n3,5;5\n", decimal=",", thousands="."),
        [[1.5, 2], [3.5, 5]],
    ),
    "such as cp1252, cp932 or gb18030, but “latin-99” came; correct its name": (
        file("a.csv", "é,y\n1,2\n3,5\n".encode("cp1252"), charset="latin-99"),
        file("a.csv", "é,y\n1,2\n3,5\n".encode("cp1252"), charset="cp1252"),
        VALUES,
    ),
    "is none of that charset; choose another charset": (
        file("a.csv", "é,y\n1,2\n3,5\n".encode("cp1252"), charset="utf-8"),
        file("a.csv", "é,y\n1,2\n3,5\n".encode("cp1252"), charset="cp1252"),
        VALUES,
    ),
    "holds bytes that are not the UTF-8 of the rest; correct that line": (
        file("a.csv", f"# {ACCENTS}".replace("\n", "\n# ").encode() + b"\xff\xfe\nx,y\n1,2\n3,5\n"),
        file("a.csv", f"# {ACCENTS}".replace("\n", "\n# ") + "\nx,y\n1,2\n3,5\n"),
        VALUES,
    ),
    "but its content is binary; save it as text in UTF-8": (
        file("a.csv", bytes(range(32)) * 9),
        file("a.csv", PLAIN),
        VALUES,
    ),
    "should be a complete gzip file, but it is damaged; compress it again": (
        file("a.csv.gz", gzip.compress(PLAIN.encode())[:-9]),
        file("a.csv.gz", gzip.compress(PLAIN.encode())),
        VALUES,
    ),
    "should be a complete NumPy array": (
        file("a.npy", npy(VALUES)[:-3]),
        file("a.npy", npy(VALUES)),
        VALUES,
    ),
    "written by numpy.savez": (
        file("a.npz", npz(x=VALUES)[:-30]),
        file("a.npz", npz(x=VALUES)),
        VALUES,
    ),
    "or several of one axis and equal length, but it holds": (
        file("a.npz", npz(x=VALUES, mask=[1])),
        file("a.npz", npz(x=VALUES)),
        VALUES,
    ),
    "with at least one of each was expected, but “a.npy” has shape (1, 1, 2, 2); reshape it": (
        file("a.npy", npy([[VALUES]])),
        file("a.npy", npy(np.reshape([[VALUES]], (2, 2)))),
        VALUES,
    ),
    "An array of real numbers was expected": (
        file("a.npy", npy(np.array(VALUES) * 1j)),
        file("a.npy", npy((np.array(VALUES) * 1j).imag)),
        VALUES,
    ),
    "should be a complete Parquet file, but it is damaged; save it again": (
        file("a.parquet", arrow(x=[1, 3], y=[2, 5])[:-20] + b"PAR1"),
        file("a.parquet", arrow(x=[1, 3], y=[2, 5])),
        VALUES,
    ),
    "convert it and save the file again": (
        file("a.parquet", arrow(x=[{"a": 1}, {"a": 3}])),
        file("a.parquet", arrow(x=[1, 3])),
        [[1], [3]],
    ),
    "ends in .parquet, but its content is": (
        file("a.parquet", npy(VALUES)),
        file("a.npy", npy(VALUES)),
        VALUES,
    ),
    "breaks off at column 6; correct it": (
        file("a.json", "[1, 3"),
        file("a.json", "[1, 3]"),
        [[1], [3]],
    ),
    "but is nested far deeper; flatten it": (
        file("a.json", "[" * 90_000 + "1" + "]" * 90_000),
        file("a.json", "[1]"),
        [[1]],
    ),
    "as many values as the first, 2, but row 2 has 1; correct it": (
        file("a.json", "[[1, 2], [3]]"),
        file("a.json", "[[1, 2], [3, 5]]"),
        VALUES,
    ),
    "Every name in a JSON object may come once, but “x” comes twice; rename one": (
        file("a.json", '{"x": [1, 3], "x": [2, 5]}'),
        file("a.json", '{"x": [1, 3], "y": [2, 5]}'),
        VALUES,
    ),
    "but those of “a.json” have": (
        file("a.json", '{"x": [1, 3], "y": [2]}'),
        file("a.json", '{"x": [1, 3], "y": [2, 5]}'),
        VALUES,
    ),
    "but it holds int instead; rearrange it": (
        file("a.json", "7"),
        file("a.json", "[7]"),
        [[7]],
    ),
    "may each be one; save the one you mean": (
        file("a.json", json.dumps({"a": [{"x": 1}, {"x": 3}], "b": [{"x": 2}]})),
        file("a.json", json.dumps({"a": [{"x": 1}, {"x": 3}]})),
        [[1], [3]],
    ),
}


@pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")
@pytest.mark.parametrize("words", RECIPES)
def test_what_a_refusal_tells_leads_to_a_file_that_opens(words: str) -> None:
    refused, followed, values = RECIPES[words]
    with pytest.raises(InputError, match=re.escape(words)):
        read(refused)
    assert read(followed) == values
