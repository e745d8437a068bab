"""Numbers that are numbers in their file, beside texts whose decimal mark they tell nothing of."""

from __future__ import annotations

import json
import warnings
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.inputs.real_numbers import as_written, without_mark


def _json(cells: list[Any]) -> tuple[str, bytes]:
    return "a.json", json.dumps([{"a": cell, "b": i} for i, cell in enumerate(cells)]).encode()


def _workbook(cells: list[Any]) -> tuple[str, bytes]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("a", "b"), *((cell, i) for i, cell in enumerate(cells))):
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return "a.xlsx", stream.getvalue()


@pytest.mark.parametrize("file", [_json, _workbook])
@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,5", 2.5], [1.5, 2.5]),
        ([2.5, "1,5"], [2.5, 1.5]),
        (["1.299,99", -0.125, 3], [1299.99, -0.125, 3]),
        (["1,299.99", 1.234], [1299.99, 1.234]),
        (["1,5", 1e-7, 1.5e20], [1.5, 1e-7, 1.5e20]),
    ],
)
def test_a_number_is_itself_whatever_mark_the_texts_have(
    file: Any, cells: list[Any], values: list[float]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = rv.read_sequence(*file(cells), columns=["a"], scale="none")
    assert read.values.ravel().tolist() == values


@pytest.mark.parametrize("file", [_json, _workbook])
@pytest.mark.parametrize("cells", [["1,500", 2.5], ["1,500", 2.5, 12345], [1.234, "1,500"]])
def test_a_number_tells_nothing_of_an_open_mark(file: Any, cells: list[Any]) -> None:
    name, data = file(cells)
    with pytest.warns(rv.AssumptionWarning, match="decimal mark"):
        rv.read_sequence(name, data, columns=["a"], scale="none")
    for mark, value in ((",", 1.5), (".", 1500.0)):
        wanted = [value if cell == "1,500" else cell for cell in cells]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read = rv.read_sequence(name, data, columns=["a"], scale="none", decimal=mark)
        assert read.values.ravel().tolist() == wanted


@pytest.mark.parametrize("file", [_json, _workbook])
def test_the_cell_that_is_no_number_is_named(file: Any) -> None:
    name, data = file([2.5, "1,5", "2,5", "broken"])
    with pytest.warns(rv.AssumptionWarning, match="“broken” in row 4"):
        rv.read_sequence(name, data, scale="none")


@pytest.mark.parametrize("file", [_json, _workbook])
def test_a_number_among_texts_is_written_as_it_was(file: Any) -> None:
    name, data = file(["north 1,5", 2.5, "south"])
    read = rv.read_sequence(name, data, columns=["a"], scale="none")
    assert read.features == ("a=north 1,5", "a=2.5", "a=south")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_without_mark_is_the_number(value: float) -> None:
    text = without_mark(value)
    assert {".", ","}.isdisjoint(text)
    assert float(text) == value
    assert as_written(text) == repr(value)


@given(st.integers())
def test_an_integer_without_mark_is_the_integer(value: int) -> None:
    assert as_written(without_mark(value)) == str(value)


def test_infinity_has_no_mark() -> None:
    assert without_mark(-np.inf) == as_written("-inf") == "-inf"
