"""Tables whose comma is the delimiter and may be the decimal mark, and what is said of them."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import rnnviz as rv
from rnnviz.errors import InputError


def _values(data: bytes, **how: Any) -> list[list[float]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sequence = rv.read_sequence("a.csv", data, **how)
    return [list(map(float, row)) for row in sequence.values[:, 0]]


@pytest.mark.parametrize(
    "data",
    [
        b"x,y\n1,5,2,5\n2,5,3,75\n",
        b"x,y,z\n1,5,2,5,3\n2,5,3,75,4\n",
        b"time,value\n10,1,5\n20,2,5\n",
    ],
)
@pytest.mark.parametrize("how", [{}, {"header": 0}])
def test_decimal_commas_without_quotes_are_refused(data: bytes, how: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="decimal comma"):
        rv.read_sequence("a.csv", data, **how)


def test_what_the_refusal_advises_gives_a_table() -> None:
    wanted = [[1.5, 2.5], [2.5, 3.75]]
    assert _values(b'x,y\n"1,5","2,5"\n"2,5","3,75"\n') == wanted
    assert _values(b"x;y\n1,5;2,5\n2,5;3,75\n") == wanted
    rows = [[1, 5, 2, 5], [2, 5, 3, 75]]
    assert _values(b"x,y\n1,5,2,5\n2,5,3,75\n", header=None) == rows


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_that_count_the_rows_may_be_parts_of_others(first: int) -> None:
    rows = "".join(f"{i},{i + 1},5\n" for i in range(first, first + 3))
    with pytest.warns(rv.AssumptionWarning, match="3 values under 2 names"):
        rv.read_sequence("a.csv", f"time,value\n{rows}".encode())


def test_row_names_as_r_writes_them_leave_no_doubt() -> None:
    assert _values(b'"x","y"\n"1",1,2\n"2",3,4\n') == [[1, 2], [3, 4]]
    assert _values(b"x,y\nr1,1,2\nr2,3,4\n") == [[1, 2], [3, 4]]


@pytest.mark.parametrize("data", [b"1,2\n0.5,0.6\n0.7,0.1\n", b"0,1\n0.5,0.6\n0.7,0.1\n"])
def test_two_whole_numbers_above_fractions_may_be_values(data: bytes) -> None:
    with pytest.warns(rv.AssumptionWarning, match="column names"):
        rv.read_sequence("a.csv", data)
    assert _values(data, header=None)[1:] == _values(data, header=0)


@pytest.mark.parametrize("cell", ["25:00:00", "1_000", "1/2", "3 1/2", "90:30"])
def test_what_a_person_calls_a_number_is_named_where_it_is_none(cell: str) -> None:
    with pytest.warns(rv.AssumptionWarning, match=f"“{cell}” in row 1"):
        rv.read_sequence("a.csv", f"t,d\n1,{cell}\n2,{cell}\n".encode())


@pytest.mark.parametrize("words", ["WAHR FALSCH", "VRAI FAUX", "VERO FALSO", "true false"])
def test_excels_words_for_true_and_false_are_numbers(words: str) -> None:
    true, false = words.split()
    assert _values(f"t;v\n1;{true}\n2;{false}\n".encode()) == [[1, 1], [2, 0]]


def test_words_of_two_languages_are_no_booleans() -> None:
    assert _values(b"t;v\n1;WAHR\n2;FAUX\n") == [[1], [2]]


def test_advice_about_dates_settles_them() -> None:
    data = b"t;v\n01.02.20;1\n13.02.20;2\n"
    with pytest.warns(rv.AssumptionWarning, match=r"\(or yearfirst=True\)"):
        rv.read_sequence("a.csv", data)
    tokens = {}
    for answer in ("dayfirst", "yearfirst"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tokens[answer] = rv.read_sequence("a.csv", data, **{answer: True}).tokens[0]
    assert tokens == {
        "dayfirst": ("2020-02-01", "2020-02-13"),
        "yearfirst": ("2001-02-20", "2013-02-20"),
    }


@pytest.mark.parametrize(
    ("how", "values"),
    [({"thousands": "."}, [1234, 3456]), ({"thousands": ""}, [1.234, 3.456])],
)
def test_a_mark_between_groups_settles_the_decimal_mark(
    how: dict[str, str], values: list[float]
) -> None:
    assert [row[0] for row in _values(b"a;b\n1.234;2\n3.456;4", **how)] == values
