"""Numbers of every locale, written by a formatter of their own and read back exactly."""

from __future__ import annotations

import io
import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.inputs.column import Column
from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.infer_column import infer_column


def decision(column: Column, name: str = "decimal"):
    return next((one for one in column.decisions if one.name == name), None)


def grouped(digits: str, mark: str, is_indian: bool) -> str:
    """Digits in groups of three, or in the Indian groups of two above the last three."""
    size, groups = 3, []
    while digits:
        groups.insert(0, digits[-size:])
        digits, size = digits[:-size], 2 if is_indian else 3
    return mark.join(groups)


def written(cents: int, decimal: str, mark: str, minus: str, is_indian: bool) -> str:
    whole, rest = divmod(abs(cents), 100)
    text = f"{grouped(str(whole), mark, is_indian)}{decimal}{rest:02}"
    if cents >= 0:
        return text
    return {"-": f"-{text}", "−": f"−{text}", "()": f"({text})", "5-": f"{text}-"}[minus]


LOCALES = st.sampled_from(
    [
        *((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (",", "\u00a0")),
        *((",", "\u202f"), (".", "'"), (".", "’"), (".", " "), (".", "\u2009")),
    ]
)
UNITS = st.sampled_from(
    ["", "{} €", "€{}", "$ {}", "CHF {}", "{} USD", "{}%", "{} kg", "¥{}", "₹{}"]
)
DIGITS = {"ascii": 0, "arabic": 0x660, "persian": 0x6F0, "devanagari": 0x966, "wide": 0xFF10}


@given(
    st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=20),
    LOCALES,
    st.sampled_from(["-", "−", "()", "5-"]),
    UNITS,
    st.sampled_from(sorted(DIGITS)),
    st.booleans(),
)
def test_numbers_of_every_locale_are_read_back_exactly(
    cents: list[int], locale: tuple[str, str], minus: str, unit: str, digits: str, indian: bool
) -> None:
    decimal, mark = locale
    cells = [written(one, decimal, mark, minus, indian and mark == ",") for one in cents]
    # A minus behind stands behind the number, not behind its unit.
    cells = [(unit or "{}").format(cell) if minus != "5-" else cell for cell in cells]
    script = {ord("0") + i: DIGITS[digits] + i for i in range(10)} if DIGITS[digits] else {}
    column = infer_column("x", [cell.translate(script) for cell in cells])
    assert column.kind == "number"
    assert column.values.tolist() == [one / 100 for one in cents]


@pytest.mark.parametrize(
    ("cells", "values", "unit"),
    [
        (["1,5E-3", "2,25e2"], [0.0015, 225], ""),
        (["1.5D+03", "-2.5d0"], [1500, -2.5], ""),
        (["$1,234.50", "-$5", "($6)"], [1234.5, -5, -6], "$"),
        (["1,23,456", "12,34,567.5"], [123456, 1234567.5], ""),
        (["12.5%", "3 %"], [12.5, 3], "%"),
        (["1.5 kg", "2 kg", "n/a"], [1.5, 2, math.nan], "kg"),
        (["١٢٣٤٫٥", "٠٫٢٥"], [1234.5, 0.25], ""),
        (["TRUE", "False", ""], [1, 0, math.nan], ""),
        (["5", "缺失", "—", "无", "#N/A", ".", "(null)"], [5] + [math.nan] * 6, ""),
        ([".5", "5.", "+5"], [0.5, 5, 5], ""),
        (["1 234 567,5"], [1234567.5], ""),
        (["-Inf", "inf"], [-math.inf, math.inf], ""),
    ],
)
def test_numbers_are_read_as_worked_out_by_hand(
    cells: list[str], values: list[float], unit: str
) -> None:
    column = infer_column("x", cells)
    np.testing.assert_array_equal(column.values, values)
    assert column.unit == unit


@pytest.mark.parametrize(
    ("cells", "misfit", "row"),
    [
        (["1.5", "2.5", "ERR"], "ERR", 3),
        (["0.5", "<0.05", "0.7"], "<0.05", 2),
        (["1.5", "1,5", "2.5"], "1,5", 2),
        (["$5", "$6", "€7"], "€7", 3),
        (["1 kg", "500 g", "2 kg"], "500 g", 2),
        (["12%", "5%", "0.05"], "0.05", 3),
        (["10-20", "20-30"], "10-20", 1),
        (["1.2.3", "1.2.4"], "1.2.3", 1),
    ],
)
def test_what_looks_like_numbers_and_is_none_is_named(
    cells: list[str], misfit: str, row: int
) -> None:
    column = infer_column("x", cells)
    named = decision(column, "text")
    assert column.kind == "category"
    assert named is not None
    assert (named.facts["cell"], named.facts["row"], named.is_certain) == (misfit, str(row), False)


@pytest.mark.parametrize(
    "cells", [["north", "south"], ["A4", "A5"], ["a1b2", "x"], ["Room 5", "x"]]
)
def test_words_are_not_named_as_numbers(cells: list[str]) -> None:
    assert infer_column("x", cells).decisions == ()


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1,2,3", "12,34", "--5", "1.5.5", "5 6", "($5"])
def test_a_cell_that_is_no_number_in_any_locale_is_text(cell: str) -> None:
    column = infer_column("x", [cell, "7"])
    assert column.kind == ("number" if cell == "12,34" else "category")


# What the other columns of a file say of one that fits both decimal marks.
AMBIGUOUS = [
    ("x;y\n1.234;0,5\n2.345;0,6\n", [1234, 2345], True),
    ("x;y\n1.234;2\n2.345;3\n", [1234, 2345], False),
    ("x,y\n1.234,2\n2.345,3\n", [1.234, 2.345], True),
    ('x,y\n"1,234",0.5\n"2,345",0.6\n', [1234, 2345], True),
    ('x,y\n"1,234",5\n"2,345",6\n', [1234, 2345], False),
    ("x;y\n1,234;2\n2,345;3\n", [1.234, 2.345], False),
    ("x;y\n1,234;2\n0,345;3\n", [1.234, 0.345], True),
    ("x;y\n1,234;a\n12;b\n999;c\n", [1234, 12, 999], False),
    ("x;y\n1,234;a\n12345;b\n", [1.234, 12345], False),
    ("x\ty\n1.234\t2\n2.345\t3\n", [1.234, 2.345], False),
]


@pytest.mark.parametrize(("text", "values", "is_certain"), AMBIGUOUS)
def test_a_column_that_fits_both_marks_follows_the_evidence_and_says_how_sure_it_is(
    text: str, values: list[float], is_certain: bool
) -> None:
    column = read_csv("a.csv", text)["x"]
    assert column.values.tolist() == values
    said = decision(column)
    assert said is None if is_certain and said is None else said.is_certain == is_certain
    if said is not None and not is_certain:
        assert set(said.options) == {".", ","}


@pytest.mark.parametrize(("decimal", "thousands"), [(",", "."), (".", ","), (",", None)])
def test_a_told_mark_is_taken_as_pandas_takes_it(decimal: str, thousands: str | None) -> None:
    text = "x;y\n1.234;2,345\n"
    how = FileFormat(decimal=decimal, thousands=thousands)
    expected = pd.read_csv(io.StringIO(text), sep=";", decimal=decimal, thousands=thousands or ".")
    table = read_csv("a.csv", text, how=how)
    assert [column.values[0] for column in table.columns] == expected.iloc[0].tolist()
    assert all(one.is_certain for one in table.decisions)


def test_told_values_are_missing() -> None:
    table = read_csv("a.csv", "x,y\n1.5,-999\nERR,2\n", how=FileFormat(na_values=("ERR", "-999")))
    np.testing.assert_array_equal(table["x"].values, [1.5, math.nan])
    np.testing.assert_array_equal(table["y"].values, [math.nan, 2])


def test_two_million_numbers_with_a_decimal_comma_are_read_in_seconds() -> None:
    text = "a;b\n" + "".join(f"{i % 900 + 1}.{i % 1000:03},{i % 97:02};{i}\n" for i in range(10**6))
    begin = time.process_time()
    table = read_csv("a.csv", text)
    assert time.process_time() - begin < 4
    assert table["a"].values[123] == 124123.26


@pytest.mark.parametrize("piece", ["2024-01-10", "0", "-", "1,", "1.", "+0", "0-0,0."])
@pytest.mark.parametrize("end", ["", "x", " b!", "K."])
def test_a_long_cell_of_digits_and_marks_takes_a_time_that_grows_with_it(
    piece: str, end: str
) -> None:
    cell = piece * (400_000 // len(piece)) + end
    begin = time.process_time()
    infer_column("x", ["12.3 b", "1K", cell, "4"])
    assert time.process_time() - begin < 1


def test_flags_and_multiples_stand_behind_a_digit() -> None:
    flagged = infer_column("x", ["12.3 b", "-4*", "5"])
    assert flagged.values.tolist() == [12.3, -4, 5]
    assert infer_column("x", ["1.5K", "-2M", "3"]).values.tolist() == [1500, -2_000_000, 3]
    assert infer_column("x", ["1. b", "4", "5"]).kind != "number"
    assert infer_column("x", ["-K", "4", "5"]).kind != "number"
