"""Lines that are one value with blanks inside: dates, and numbers with groups of digits."""

import warnings
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.read import read_sequence

_DAYS = [date(2024, 1, 28) + timedelta(days=i) for i in range(9)]


@pytest.mark.parametrize("form", ["%d %b %Y", "%b %d, %Y", "%Y-%m-%d %H:%M", "%a, %d %b %Y"])
@pytest.mark.parametrize("header", ["when\n", ""])
def test_dates_with_blanks_alone_in_their_lines_are_one_column(form, header):
    text = header + "".join(day.strftime(form) + "\n" for day in _DAYS)
    (column,) = read_csv("a.csv", text).columns
    assert column.values.astype("M8[D]").tolist() == _DAYS


def test_a_chinese_afternoon_alone_in_its_lines_is_one_column():
    text = "时刻\n" + "".join(f"2024年1月{day}日 下午 3:{day:02}\n" for day in range(1, 9))
    (column,) = read_csv("a.csv", text).columns
    assert column.values.tolist() == [datetime(2024, 1, day, 15, day) for day in range(1, 9)]


def test_groups_of_digits_below_one_name_are_one_number_and_said_to_be():
    numbers = [7_037, 14_074, 999_111, 28_148]
    data = ("sum\n" + "".join(f"{n:,}\n".replace(",", " ") for n in numbers)).encode()
    with pytest.warns(match="sep=' '"):
        assert read_sequence("a.csv", data).values[:, 0, 0].tolist() == numbers
    split = read_sequence("a.csv", data, sep=" ")
    assert split.values[:, 0, 0].tolist() == [37, 74, 111, 148]


def test_values_behind_the_counted_rows_stay_values():
    text = "x\n" + "".join(f"{i} {i * 37:03}\n" for i in range(1, 9))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = read_sequence("a.csv", text.encode())
    assert read.values[:, 0, 0].tolist() == [i * 37 for i in range(1, 9)]


def test_columns_of_dates_and_times_under_two_names_are_joined():
    text = "day time\n" + "".join(f"{day} 10:30\n" for day in _DAYS)
    first = read_csv("a.csv", text, how=FileFormat(sep=" ")).columns[0]
    assert np.array_equal(first.values, np.array(_DAYS, "M8[us]") + np.timedelta64(630, "m"))
