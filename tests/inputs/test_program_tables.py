"""Tables as shops, stations, exchanges, databases and loggers write them.

Every witness is the numbers that were written, in the writer's own format, or what pandas makes of
the same file once it is told how to read it.
"""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.errors import AssumptionWarning, InputError
from rnnviz.inputs.csv_table import read_csv

CENTS = st.lists(st.integers(-(10**7), 10**7), min_size=2, max_size=30)


def price(cents: int, mark: str, group: str, dash: str) -> str:
    """A price as shops in Switzerland, Germany, Norway and Czechia print it: 1'200.–, 12,-"""
    whole, part = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole:,}".replace(",", group) + mark + (f"{part:02}" if part else dash)


@given(
    CENTS,
    st.sampled_from([(".", "'"), (",", "."), (",", " "), (",", "")]),
    st.sampled_from(["-", "–", "—", "--", "-- "]),
    st.sampled_from(["{}", "CHF {}", "{} €", "kr {}", "{} Kč"]),
)
def test_a_dash_in_place_of_the_cents_is_no_sign(
    cents: list[int], marks: tuple[str, str], dash: str, unit: str
) -> None:
    cents = [*cents, 1200, 1250]
    cells = [unit.format(price(one, *marks, dash)) for one in cents]
    column = read_csv("a.csv", "t;x\n" + "".join(f"{i};{c}\n" for i, c in enumerate(cells)))["x"]
    assert column.values.tolist() == [one / 100 for one in cents]


def test_a_minus_behind_a_number_stays_one() -> None:
    table = read_csv("a.csv", "t;x\n0;12-\n1;1.234,50-\n2;14\n")
    assert table["x"].values.tolist() == [-12, -1234.5, 14]


# NOAA, "Integrated Surface Data": tenths of a degree or hectopascal, a comma, a code of quality.
NOAA = (
    '"DATE","TMP","SLP"\n"2024-01-01T00:00:00","+0056,1","10208,1"\n'
    '"2024-01-01T01:00:00","-0012,1","10207,1"\n"2024-01-01T02:00:00","+0003,5","10206,1"\n'
)


def test_a_value_and_its_code_of_quality_are_no_decimal_number() -> None:
    with (
        pytest.warns(AssumptionWarning, match="“TMP”: it is not read .*“SLP”: it is not read"),
        pytest.raises(InputError, match=r"but “\+0056,1” in row 1 is none; correct it"),
    ):
        rv.read_sequence("72500.csv", NOAA.encode())
    # Corrected as the sentence tells, by pandas: a column for each of the two.
    frame = pd.read_csv(io.StringIO(NOAA))
    tenths = [frame[name].str.split(",").str[0].astype(int) / 10 for name in ("TMP", "SLP")]
    corrected = pd.concat([frame["DATE"], *tenths], axis=1).to_csv(index=False)
    values = rv.read_sequence("72500.csv", corrected.encode()).values[:, 0]
    assert values.tolist() == [[5.6, 1020.8], [-1.2, 1020.7], [0.3, 1020.6]]
    told = rv.read_sequence("72500.csv", NOAA.encode(), decimal=",").values[:, 0]
    assert told.tolist() == [[56.1, 10208.1], [-12.1, 10207.1], [3.5, 10206.1]]


def test_quoted_decimal_commas_of_a_spreadsheet_are_numbers() -> None:
    data = 'day,x\n2024-01-05,"0,5"\n2024-01-06,"12,5"\n2024-01-07,"-100,25"\n'
    assert rv.read_sequence("a.csv", data.encode()).values.ravel().tolist() == [0.5, 12.5, -100.25]


@given(st.lists(st.floats(-9_999, 99_999), min_size=4, max_size=30), st.sampled_from("*#"))
def test_a_field_too_narrow_for_its_number_is_a_gap(numbers: list[float], mark: str) -> None:
    # As Fortran's F7.2 writes, and a spreadsheet in a narrow column.
    numbers = [1.5, 2.5, *numbers]
    written = [f"{number:7.2f}" for number in numbers]
    cells = [text if len(text) <= 7 else mark * 7 for text in written]
    column = read_csv("a.csv", "t,x\n" + "".join(f"{i},{c}\n" for i, c in enumerate(cells)))["x"]
    wanted = [float(text) if len(text) <= 7 else math.nan for text in written]
    np.testing.assert_array_equal(column.values, wanted)


def test_stars_of_significance_are_no_gap() -> None:
    table = read_csv("a.csv", "x,level\n1,***\n2,**\n3,***\n")
    assert table["level"].values.tolist() == ["***", "**", "***"]


def test_files_of_a_logger_behind_each_other_are_one_table() -> None:
    days = [
        pd.DataFrame({"time": [f"2024-01-0{d} 0{h}:00" for h in range(4)], "temp": range(d, d + 4)})
        for d in (1, 2, 3)
    ]
    text = "".join(day.to_csv(index=False) for day in days)
    table = read_csv("a.csv", text)
    assert table["temp"].values.tolist() == pd.concat(days)["temp"].tolist()
    [said] = [str(one) for one in table.decisions if one.name == "repeated_names"]
    assert said == "2 rows that only repeat the column names were left out."


def test_a_row_with_one_of_the_names_is_a_row_of_values() -> None:
    table = read_csv("a.csv", "word,next\nword,is\nnext,word\n")
    assert table["word"].values.tolist() == ["word", "next"]


def printed(rows: list[list[str]], edge: str, cross: str, end: str) -> str:
    """A table as psql and mysql print it."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(map(str.ljust, row, widths)) for row in rows]
    rule = cross.join("-" * (width + 2) for width in widths)
    if edge:
        lines = [f"| {line} |" for line in lines]
        rule = f"+{rule}+"
        return "\n".join([rule, lines[0], rule, *lines[1:], rule, end, ""])
    return "\n".join([f" {lines[0]}", rule, *(f" {line}" for line in lines[1:]), end, ""])


@pytest.mark.parametrize("count", [2, 50])
@pytest.mark.parametrize(
    ("edge", "end"), [("", "({} rows)"), ("|", "{} rows in set (0.00 sec)")], ids=["psql", "mysql"]
)
def test_a_table_that_a_database_printed_is_read(edge: str, end: str, count: int) -> None:
    numbers = np.random.default_rng(0).normal(size=count).round(6)
    rows = [["day", "x"], *([f"2024-01-{i % 28 + 1:02}", str(x)] for i, x in enumerate(numbers))]
    text = printed(rows, edge, "+", end.format(count))
    sequence = rv.read_sequence("a.txt", text.encode(), kind="table")
    assert sequence.features == ("x",)
    assert sequence.values.ravel().tolist() == numbers.tolist()


@pytest.mark.parametrize(
    "names",
    [
        ["2019", "2020", "2021"],
        ["2019 [YR2019]", "2020 [YR2020]", "2021 [YR2021]"],
        ["1/22/20", "1/23/20", "1/24/20"],
        ["2023-Q4", "2024-Q1", "2024-Q2"],
    ],
)
def test_time_that_runs_across_is_asked_about_and_read_once_it_runs_down(names: list[str]) -> None:
    frame = pd.DataFrame([[106, 107, 108], [32, 33, 35]], ["Aruba", "Angola"], names)
    wide = frame.to_csv(index_label="Country").encode()
    with pytest.warns(AssumptionWarning, match="named by times .* transpose the table first"):
        assert rv.read_sequence("a.csv", wide).n_steps == 2
    down = frame.T.to_csv(index_label="when").encode()
    read = rv.read_sequence("a.csv", down, columns=["Aruba", "Angola"])
    assert read.values[:, 0].tolist() == frame.T.to_numpy().tolist()


def test_the_hours_of_a_day_are_features() -> None:
    data = b"day,00:00,06:00,12:00,18:00\n2024-01-01,1,2,3,4\n2024-01-02,5,6,7,8\n"
    assert rv.read_sequence("a.csv", data).values[:, 0].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]


# As Taiwan's stock exchange writes a month, in Big5.
TWSE = (
    '"113年01月 2330 台積電           各日成交資訊"\n"日期","成交股數","收盤價","漲跌價差"\n'
    '"113/01/02","27,997,826","593.00"," 0.00"\n"113/01/03","37,106,763","578.00","-15.00"\n'
    '"113/01/04","15,309,129","580.00","+2.00"\n"113/01/05","18,015,103","576.00","-4.00"\n'
    '"說明:"\n"符號說明:+/-表示漲/跌"\n'
)


def test_years_of_taiwan_are_those_of_the_republic() -> None:
    sequence = rv.read_sequence("STOCK_DAY.csv", TWSE.encode("cp950"), charset="cp950")
    assert sequence.tokens[0] == tuple(f"{113 + 1911}-01-{day:02}" for day in (2, 3, 4, 5))
    frame = pd.read_csv(io.StringIO(TWSE), header=1, thousands=",", nrows=4)
    assert sequence.values[:, 0].tolist() == frame.iloc[:, 1:].to_numpy().tolist()
    table = read_csv("a.csv", TWSE)
    assert "“113/01/02” is of 2024" in " ".join(map(str, table.decisions))


def test_years_of_two_and_three_digits_are_no_dates_together() -> None:
    assert read_csv("a.csv", "d,x\n99/12/31,1\n100/01/03,2\n")["d"].kind != "date"


@pytest.mark.parametrize(
    "cells",
    [
        ["0x1F", "0x20", "0xff"],
        ["1h 5m", "2h 10m", "45m"],
        ["1d 02:03:04", "0d 02:03:04", "2d 00:00:00"],
        ["PT5M", "PT1H10M", "P1DT2H"],
        ["48°51'24\"N", "48°51'25\"N", "2°3'4\"S"],
    ],
)
def test_what_looks_like_numbers_and_is_not_read_is_named(cells: list[str]) -> None:
    frame: Any = pd.DataFrame({"t": range(len(cells)), "x": cells})
    with pytest.warns(AssumptionWarning, match="“x”: it is not read as numbers"):
        read = rv.read_sequence("a.csv", frame.to_csv(index=False).encode())
    assert read.features == ("t",)


@pytest.mark.parametrize("cells", [["P", "T", "P"], ["PM", "AM", "PM"], ["A1", "B2", "C3"]])
def test_what_does_not_look_like_numbers_is_not_warned_of(cells: list[str]) -> None:
    frame: Any = pd.DataFrame({"t": range(len(cells)), "x": cells})
    assert rv.read_sequence("a.csv", frame.to_csv(index=False).encode()).features == ("t",)


@given(CENTS, st.sampled_from(["$", "€", "kr"]), st.sampled_from(["", " ", "   "]))
def test_the_accounting_format_of_spreadsheets_is_read(
    cents: list[int], sign: str, pad: str
) -> None:
    def accounted(one: int) -> str:
        amount = f"{abs(one) / 100:,.2f}"
        return "-" if one == 0 else f"({amount})" if one < 0 else amount

    cents = [*cents, 0, -123_450, 1_050]
    rows = "".join(f'{i}," {sign}{pad}{accounted(one)} "\n' for i, one in enumerate(cents))
    column = read_csv("a.csv", f"t,x\n{rows}")["x"]
    assert column.values.tolist() == [one / 100 for one in cents]
    assert column.unit == sign


def test_a_dash_without_a_currency_is_a_gap() -> None:
    values = read_csv("a.csv", "t,x\n1,-\n2,5\n3,--\n")["x"].values
    np.testing.assert_array_equal(values, [math.nan, 5, math.nan])


@pytest.mark.parametrize(
    "cells",
    [
        ["[1, 2]", "[3, 4]"],
        ["(1+2j)", "(3-1j)"],
        ["▲1.5", "▼0.5"],
        ["#1", "#2"],
        ["↑1", "↓2"],
        ["1.#INF", "-1.#IND"],
    ],
)
def test_lists_complex_numbers_arrows_and_infinities_are_named(cells: list[str]) -> None:
    frame: Any = pd.DataFrame({"t": range(len(cells)), "x": cells})
    with pytest.warns(AssumptionWarning, match="“x”: it is not read as numbers"):
        assert rv.read_sequence("a.csv", frame.to_csv(index=False).encode()).features == ("t",)


def test_a_zone_behind_the_time_does_not_make_white_space_the_delimiter() -> None:
    data = b"t,x\n2024-03-09 23:00 EST,1\n2024-03-10 03:00 EDT,2\n2024-03-10 04:00 EDT,3\n"
    assert rv.read_sequence("a.csv", data).values.ravel().tolist() == [1, 2, 3]


@given(st.lists(st.integers(0, 86_399), min_size=2, max_size=20))
def test_days_of_a_spreadsheet_are_dates(seconds: list[int]) -> None:
    moments = pd.Timestamp("2024-01-05") + pd.to_timedelta(np.cumsum(seconds), unit="s")
    days = (moments - pd.Timestamp("1899-12-30")) / pd.Timedelta("1D")
    rows = "".join(f"{day:.10f},{i}\n" for i, day in enumerate(days))
    table = read_csv("a.csv", f"Date,x\n{rows}")
    assert table["Date"].kind == "date"
    assert table["Date"].values.tolist() == moments.to_pydatetime().tolist()
    [said] = [one for one in table.decisions if one.name == "spreadsheet_days"]
    assert not said.is_certain


@pytest.mark.parametrize("rows", ["45294,1\n45292,2\n", "5,1\n6,2\n", "45292,1\n99999,2\n"])
def test_other_numbers_called_date_stay_numbers(rows: str) -> None:
    assert read_csv("a.csv", f"Date,x\n{rows}")["Date"].kind == "number"


CLOCK = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))


@given(st.lists(CLOCK, min_size=2, max_size=20), st.booleans(), st.booleans())
def test_times_without_marks_beside_days_are_times(
    clocks: list[tuple[int, int, int]], has_seconds: bool, keeps_zeros: bool
) -> None:
    # As Stooq, MetaTrader and NOAA write them; a spreadsheet takes the zeros in front away.
    clocks = [(10, 0, 0), *(clock for clock in clocks if keeps_zeros or clock[0])]
    clocks = [(h, m, s if has_seconds else 0) for h, m, s in clocks]
    texts = [f"{h:02}{m:02}" + (f"{s:02}" if has_seconds else "") for h, m, s in clocks]
    texts = texts if keeps_zeros else [str(int(text)) for text in texts]
    rows = "".join(f"20240105,{text},{i}\n" for i, text in enumerate(texts))
    sequence = rv.read_sequence("a.csv", f"<DATE>,<TIME>,<CLOSE>\n{rows}".encode())
    assert sequence.features == ("<CLOSE>",)
    read = pd.to_datetime(list(sequence.tokens[0]))
    assert read.tolist() == [pd.Timestamp(2024, 1, 5, *clock) for clock in clocks]


@pytest.mark.parametrize(
    "table",
    [
        "day,time\n2024-01-05,0450\n2024-01-06,1273\n",  # no clock shows 12:73
        "day,time\n2024-01-05,450.5\n2024-01-06,0612\n",
        "trial,time\n1,0450\n2,0612\n",
        "day,count\n2024-01-05,0450\n2024-01-06,0612\n",
        "at,time\n2024-01-05 12:00,0450\n2024-01-06 13:00,0612\n",
    ],
)
def test_other_numbers_beside_days_stay_numbers(table: str) -> None:
    assert read_csv("a.csv", table).columns[1].kind == "number"


@pytest.mark.parametrize("time", ["0930", "09:30"])
def test_a_time_in_front_of_its_day_is_joined_and_names_the_steps(time: str) -> None:
    rows = "".join(f"{time},2024-01-0{day},{day}\n" for day in (5, 6, 7))
    sequence = rv.read_sequence("a.csv", f"time,day,x\n{rows}".encode())
    assert sequence.tokens[0] == tuple(f"2024-01-0{day} 09:30" for day in (5, 6, 7))
