"""Dates as they are written, against Python's own calendar."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.inputs.choices import chosen_format
from rnnviz.inputs.column import Column
from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.infer_column import infer_column
from rnnviz.inputs.table import table_sequence
from rnnviz.inputs.time_steps import time_steps

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2068, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GERMAN = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
FRENCH = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
# Formats that leave no part open, each of a day.
DAYS = {
    "iso": lambda d: f"{d:%Y-%m-%d}",
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "dots": lambda d: f"{d:%Y.%m.%d}",
    "german": lambda d: f"{d:%d.%m.%Y}",
    "german words": lambda d: f"{d.day}. {GERMAN[d.month - 1]} {d.year}",
    "french": lambda d: f"{d.day} {FRENCH[d.month - 1]} {d.year}",
    "english": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "british": lambda d: f"{d.day:02}-{MONTHS[d.month - 1]}-{d.year}",
    "oracle": lambda d: f"{d:%d}-{MONTHS[d.month - 1].upper()}-{d:%y}" if d.year > 1968 else "",
    "sas": lambda d: f"{d:%d}{MONTHS[d.month - 1].upper()}{d.year}",
    "chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "korean": lambda d: f"{d.year}. {d.month}. {d.day}.",
    "week": lambda d: "{}-W{:02}-{}".format(*d.isocalendar()),
    "day of year": lambda d: f"{d:%Y-%j}",
    "basic": lambda d: f"{d:%Y%m%d}",
}
TIMES = {
    "iso": lambda d: f"T{d:%H:%M:%S}",
    "blank": lambda d: f" {d:%H:%M:%S}",
    "utc": lambda d: f" {d:%H:%M:%S} UTC",
    "z": lambda d: f"T{d:%H:%M:%S}Z",
    "east": lambda d: (d + timedelta(hours=5, minutes=30)).strftime(" %H:%M:%S+0530"),
    "am": lambda d: f" {d.hour % 12 or 12}:{d:%M:%S} {'AM' if d.hour < 12 else 'PM'}",
}


@given(st.lists(MOMENTS, min_size=3, max_size=8), st.sampled_from(sorted(DAYS)))
def test_days_in_every_format_are_read_as_python_wrote_them(
    moments: list[datetime], name: str
) -> None:
    column = infer_column("day", [DAYS[name](moment) for moment in moments])
    assert column.kind == "date"
    assert column.values.astype("M8[D]").tolist() == [moment.date() for moment in moments]


@given(
    st.lists(MOMENTS, min_size=1, max_size=8),
    st.sampled_from(sorted(set(DAYS) - {"week", "basic"})),
    st.sampled_from(sorted(TIMES)),
)
def test_times_in_every_format_are_read_in_utc(
    moments: list[datetime], day: str, clock: str
) -> None:
    shift = timedelta(hours=5, minutes=30) if clock == "east" else timedelta()
    cells = [DAYS[day](moment + shift) + TIMES[clock](moment) for moment in moments]
    assert infer_column("time", cells).values.tolist() == moments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年1月5日 下午3时20分", "2024-01-05T15:20"),
        ("2024年01月05日 12:30", "2024-01-05T12:30"),
        ("令和6年1月5日", "2024-01-05"),
        ("2024년 1월 5일", "2024-01-05"),
        ("2024Q2", "2024-04-01"),
        ("2024-Q2", "2024-04-01"),
        ("Q2 2024", "2024-04-01"),
        ("2024-W03", "2024-01-15"),
        ("2024M03", "2024-03-01"),
        ("Jan 2024", "2024-01-01"),
        ("2024年3月", "2024-03-01"),
        ("2024-01-05 12:00:00+05", "2024-01-05T07:00"),
        ("2024-01-05 12:00:00.123456789 -05:30", "2024-01-05T17:30:00.123456"),
        ("20240105T123000Z", "2024-01-05T12:30"),
        ("2024-01-05T24:00", "2024-01-06T00:00"),
        ("Fri, 05 Jan 2024 12:30:00 +0200", "2024-01-05T10:30"),
        ("Fri Jan  5 12:30:00 UTC 2024", "2024-01-05T12:30"),
        ("05/Jan/2024:12:30:00 +0000", "2024-01-05T12:30"),
        ("5 de enero de 2024", "2024-01-05"),
        ("2024-01-05（金）", "2024-01-05"),
    ],
)
def test_a_date_is_read_as_worked_out_by_hand(text: str, expected: str) -> None:
    assert infer_column("day", [text]).values[0] == np.datetime64(expected)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-13-01", "2023-02-29", "31.04.2024", "2024-W60", "2024Q5", "2024-366x", "2023-366"),
        *("12:61", "10:20-11:30", "10-20", "2024-01-05 25:00", "24/13/05", "1.2.3.4", "5 May"),
    ],
)
def test_what_the_calendar_has_not_is_no_date(text: str) -> None:
    assert infer_column("day", [text, text]).kind == "category"


# day / month: what the column, or the file, tells of their order.
SLASHES = [
    (["25/01/2024", "01/02/2024"], "2024-02-01", True),
    (["01/25/2024", "01/02/2024"], "2024-01-02", True),
    (["05.01.2024", "06.01.2024"], "2024-01-06", True),
    (["05/01/2024", "05/01/2024"], "2024-05-01", False),
    ([f"{day:02}/03/2024" for day in range(1, 8)] + ["08/03/2024"], "2024-03-08", False),
    (["11/01/2024", "12/01/2024", "01/02/2024", "02/02/2024", "03/02/2024"], "2024-02-03", True),
]


@pytest.mark.parametrize(("cells", "last", "is_certain"), SLASHES)
def test_the_order_of_day_and_month_is_decided_by_the_whole_column(
    cells: list[str], last: str, is_certain: bool
) -> None:
    column = infer_column("day", cells)
    assert column.values[-1] == np.datetime64(last)
    (decision,) = column.decisions
    assert (decision.name, decision.is_certain) == ("dates", is_certain)


@pytest.mark.parametrize("dayfirst", [True, False])
def test_a_told_order_is_taken_as_pandas_takes_it(dayfirst: bool) -> None:
    cells = ["05/01/2024", "06/02/2024"]
    column = infer_column("day", cells, FileFormat(dayfirst=dayfirst))
    expected = pd.to_datetime(cells, dayfirst=dayfirst)
    assert column.values.astype("M8[D]").tolist() == [moment.date() for moment in expected]
    assert all(decision.is_certain for decision in column.decisions)


def test_a_file_with_decimal_commas_puts_the_day_first() -> None:
    table = read_csv("a.csv", "d;x\n05/01/2024;1,5\n05/01/2024;2,5\n")
    assert table["d"].values[0] == np.datetime64("2024-01-05")


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 1), ("ms", 10**3), ("µs", 10**6), ("ns", 10**9)]
)
@pytest.mark.parametrize("name", ["timestamp", "time", "open_time", "createdAt", "时间"])
def test_moments_since_1970_are_dates_where_the_column_is_named_for_time(
    unit: str, factor: int, name: str
) -> None:
    moments = [datetime(2024, 1, 5, 12, tzinfo=UTC) + timedelta(seconds=i) for i in range(3)]
    cells = [str(int(moment.timestamp()) * factor) for moment in moments]
    column = infer_column(name, cells)
    assert column.values.tolist() == [moment.replace(tzinfo=None) for moment in moments]
    assert column.decisions[0].chosen == unit
    assert infer_column("price", cells).kind == "number"
    assert infer_column(name, cells, FileFormat(parse_dates=False)).kind == "number"


def test_days_without_marks_are_dates_and_other_numbers_are_not() -> None:
    assert infer_column("d", ["20240105", "20240106", "20240229"]).kind == "date"
    assert infer_column("d", ["20240105", "20240106", "20240230"]).kind == "number"
    assert infer_column("month", ["202401", "202402"]).kind == "date"
    assert infer_column("n", ["202401", "202402"]).kind == "number"
    assert infer_column("year", ["2023", "2024"]).kind == "number"


def test_a_time_of_day_is_shown_alone_and_joins_the_day_beside_it() -> None:
    alone = table_sequence(read_csv("a.csv", "t,x\n12:30,1\n12:40,2\n"))
    assert alone.tokens == (("12:30", "12:40"),)
    joined = table_sequence(
        read_csv("a.csv", "Date,Time,x\n2024-01-05,12:30,1\n2024-01-05,12:40,2\n")
    )
    assert joined.tokens == (("2024-01-05 12:30", "2024-01-05 12:40"),)


def dates(*cells: str) -> Column:
    return Column("d", "date", np.array(cells, "M8[us]"))


def test_gaps_and_backward_steps_are_told() -> None:
    steps = time_steps(dates("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09"))
    assert (steps.typical, steps.n_irregular, steps.largest, steps.at) == (86400, 1, 6 * 86400, 4)
    assert time_steps(dates("2024-03-01", "2024-02-01", "2024-01-01")).n_backwards == 2
    assert time_steps(dates("2024-01-31", "2024-02-01")) is None


def test_months_and_years_are_even_steps() -> None:
    months = [f"{2023 + i // 12}-{i % 12 + 1:02}-01" for i in range(24)]
    assert time_steps(dates(*months)).n_irregular == 0
    assert time_steps(dates("2023-01-01", "2024-01-01", "2025-01-01")).n_irregular == 0
    assert time_steps(dates(*months[:5], *months[6:])).n_irregular == 1


def test_a_zone_moves_a_moment_as_python_moves_it() -> None:
    zone = timezone(timedelta(hours=-3, minutes=-30))
    moment = datetime(2024, 1, 5, 22, 15, tzinfo=zone)
    read = infer_column("t", [moment.isoformat()]).values[0]
    assert read == np.datetime64(moment.astimezone(UTC).replace(tzinfo=None))


def test_a_million_dates_are_read_in_seconds() -> None:
    days = np.datetime64("1990-01-01") + np.arange(10**6) % 20_000
    iso = np.char.array(days.astype(str))
    text = "d\n" + "\n".join(iso[:, None].ravel()) + "\n"
    begin = time.process_time()
    column = read_csv("a.csv", text)["d"]
    assert time.process_time() - begin < 3
    np.testing.assert_array_equal(column.values, days.astype("M8[us]"))


def test_the_year_comes_first_where_it_is_told_and_chosen() -> None:
    cells = ["05/01/02", "06/02/03", "07/03/04"]
    expected = pd.to_datetime(cells, format="%y/%m/%d").to_numpy()
    for how in (FileFormat(yearfirst=True), chosen_format([("dates", "year first")])):
        column = infer_column("day", cells, how)
        np.testing.assert_array_equal(column.values, expected.astype("datetime64[us]"))
    assert not np.array_equal(infer_column("day", cells).values, expected)


def test_every_other_order_is_named_with_its_argument() -> None:
    (decision,) = infer_column("day", ["05/01/02", "06/02/03"]).decisions[:1]
    others = set(decision.options) - {decision.chosen}
    assert ("yearfirst=True" in decision.otherwise) is ("year first" in others)
