import csv
import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs import delimited
from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.delimited import Delimited


def text_of(alphabet: str) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=1).filter(lambda text: text.strip() != "")


# Cells may hold the delimiter itself, quotes and line breaks.
CELLS = st.sampled_from(",;\t|").flatmap(
    lambda delimiter: st.tuples(
        st.just(delimiter),
        st.lists(st.lists(text_of('ab"\n北 ' + delimiter), min_size=2, max_size=2), min_size=1),
    )
)


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    table = read_csv("a.csv", written([["x", "y"], ["1", "2.5"], ["3", "4"]], delimiter))
    assert table.names == ("x", "y")
    assert table["y"].values.tolist() == [2.5, 4]


def test_without_a_header_columns_are_numbered() -> None:
    table = read_csv("a.csv", "1,2\n3,4\n")
    assert table.names == ("column 1", "column 2")
    assert table.n_rows == 2


def test_a_first_column_without_a_name_is_the_index() -> None:
    table = read_csv("a.csv", ",price\n0,1.5\n1,2.5\n")
    assert table.names == ("index", "price")
    assert table.index == "index"


def test_one_column_without_delimiters_is_a_table() -> None:
    assert read_csv("a.csv", "price\n1\n2\n")["price"].values.tolist() == [1, 2]


def test_commas_inside_quotes_belong_to_the_value() -> None:
    rows = [["city", "n"], ["Paris, France", "1"], ['the "old"\ntown', "2"]]
    assert read_csv("a.csv", written(rows))["city"].values.tolist() == [rows[1][0], rows[2][0]]


def test_semicolons_win_over_the_commas_inside_numbers() -> None:
    assert read_csv("a.csv", "a;b\n1,5;2\n2,5;3\n").names == ("a", "b")


def test_columns_are_numbers_dates_categories_or_texts() -> None:
    rows = [["n", "day", "sky", "id"]] + [
        [str(i / 4), f"2024-01-{i % 28 + 1:02}", "clear" if i % 2 else "cloudy", f"name {i}"]
        for i in range(100)
    ]
    table = read_csv("a.csv", written(rows))
    assert [column.kind for column in table.columns] == ["number", "date", "category", "text"]
    assert table["sky"].categories == ("cloudy", "clear")
    assert table["day"].values[1] == np.datetime64("2024-01-02")


def test_years_stay_numbers() -> None:
    assert read_csv("a.csv", "year,n\n1700,5\n1701,11\n")["year"].kind == "number"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-1-5", "2024-01-05T00:00"),
        ("2024/01/05", "2024-01-05T00:00"),
        ("2024-03", "2024-03-01T00:00"),
        ("2024-01-05 06:07", "2024-01-05T06:07"),
        ("2024-01-05T06:07:08Z", "2024-01-05T06:07:08"),
        ("2024-01-05T06:07:08.25", "2024-01-05T06:07:08.250"),
        ("2024-01-05T06:07:08+08:00", "2024-01-04T22:07:08"),
    ],
)
def test_dates_are_read_in_utc(text: str, expected: str) -> None:
    assert read_csv("a.csv", f"day\n{text}\n")["day"].values[0] == np.datetime64(expected)


@pytest.mark.parametrize("text", ["2024-13-01", "2023-02-29", "12:61", "2024-01-05 25:00"])
def test_what_only_looks_like_a_date_is_text(text: str) -> None:
    assert read_csv("a.csv", f"day,n\n{text},1\n")["day"].kind == "category"


def test_missing_values_are_found_and_named() -> None:
    table = read_csv("a.csv", "x,y,z\n1,,a\nNA,5,\n3,n/a,b\nnan,null,-\n")
    assert table.n_missing == {"x": 2, "y": 3, "z": 2}
    assert np.flatnonzero(table["x"].is_missing).tolist() == [1, 3]
    assert np.flatnonzero(table["y"].is_missing).tolist() == [0, 2, 3]


def test_blank_lines_are_skipped() -> None:
    assert read_csv("a.csv", "x,y\n1,2\n\n3,4\n\n").n_rows == 2


REFUSED = [
    ("", "holds no values"),
    ("x,y\n", "At least one row"),
    ("x,y\n1,2\n3\n4,5\n", "the first, 2, but line 3 has 1"),
    ('x,y\n"a\nb",2\n3,4,5\n', "the first, 2, but line 4 has 3"),
    ('x,y\n"1,2\n', "close every quotation mark"),
    (",".join("abcdefghij" * 101) + "\n", "1000 columns, but “a.csv” has 1010"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_a_malformed_table_is_refused_by_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_csv("a.csv", text)


def test_more_than_five_million_values_are_refused() -> None:
    with pytest.raises(InputError, match="5000000 values"):
        read_csv("a.csv", ("1," * 999 + "1\n") * 5_001)


def test_a_megabyte_in_one_field_is_text() -> None:
    table = read_csv("a.csv", f"note,n\n{'x' * 1_000_000},1\nshort,2\n")
    assert table["note"].kind == "text"
    assert table["n"].values.tolist() == [1, 2]


def test_a_megabyte_of_digits_in_one_field_is_a_number_too_large() -> None:
    assert np.isinf(read_csv("a.csv", f"n\n{'9' * 1_000_000}\n")["n"].values[0])


@given(CELLS)
def test_what_the_csv_module_writes_is_read_back(given: tuple[str, list[list[str]]]) -> None:
    delimiter, rows = given
    table = read_csv("a.csv", written([["first", "second"], *rows], delimiter))
    assert [list(row) for row in zip(*(c.values for c in table.columns), strict=True)] == rows


@given(st.text(alphabet='ab1,;\t|"\n\r -/'))
def test_any_text_gives_a_table_or_one_sentence(text: str) -> None:
    with suppress(InputError):
        assert read_csv("a.csv", text).n_rows >= 1


CELL = st.text(st.sampled_from('ab1é",;\n'), max_size=4)


@given(
    st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1)
    ),
    st.sampled_from([",", ";"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([5, 40, 1_000]),
)
def test_quoted_cells_are_those_that_csv_reads(rows, delimiter, quoting, size):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows(rows)
    text = Delimited("a.csv", stream.getvalue(), delimiter)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delimited, "_CHUNK", size)
        parts = list(text.columns(0, 1, len(rows[0]), ""))
    read = [list(row) for part in parts for row in zip(*part, strict=True)]
    assert read == [row for row in rows if any(row)]
