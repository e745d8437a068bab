"""Steps between the dates of a column: even or with gaps, onwards or backwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.inputs.column import Column
from rnnviz.inputs.decision import Decision

_EPOCH = np.datetime64(0, "us")
_SECOND = 1_000_000
_MIN_DATES = 3
_SAMPLE = 1_000
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@dataclass(frozen=True)
class TimeSteps:
    """Steps of a column of dates, in seconds.

    typical      the middle one.
    n_irregular  steps that differ from it by more than a tenth; months and years are even.
    largest      the largest one, and `at`, the row from 1 that it leads to.
    n_backwards  steps to an earlier date.
    """

    typical: float
    n_irregular: int
    largest: float
    at: int
    n_backwards: int


def time_steps(column: Column) -> TimeSteps | None:
    """Steps of a column of dates; None for another and for fewer than three dates.

    >>> days = np.array(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09"], "M8[us]")
    >>> time_steps(Column("day", "date", days))
    TimeSteps(typical=86400.0, n_irregular=1, largest=518400.0, at=4, n_backwards=0)
    """
    if column.kind != "date":
        return None
    rows = np.flatnonzero(~column.is_missing)
    if len(rows) < _MIN_DATES:
        return None
    dates = column.values if len(rows) == len(column.values) else column.values[rows]
    is_monthly = _are_monthly(dates[:_SAMPLE]) and _are_monthly(dates)
    steps = np.diff(dates.view(np.int64))
    sizes = np.abs(np.diff(_month_numbers(dates)) if is_monthly else steps)
    typical = np.median(sizes)
    largest = int(np.argmax(sizes))
    return TimeSteps(
        float(np.median(np.abs(steps)) if is_monthly else typical) / _SECOND,
        int(((sizes < 0.9 * typical) | (sizes > 1.1 * typical)).sum()),
        float(abs(steps[largest])) / _SECOND,
        int(rows[largest + 1]) + 1,
        int((steps < 0).sum()),
    )


def _are_monthly(dates: Array) -> bool:
    """True for dates at one time of a month. Months are of 28 to 31 days: they are counted."""
    since = dates - dates.astype("datetime64[M]")
    return bool((since == since[0]).all())


def _month_numbers(dates: Array) -> Array:
    months: Array = dates.astype("datetime64[M]").astype(np.int64)
    return months


def about_steps(column: Column) -> tuple[Decision, ...]:
    """What is to be said about the steps of an axis: gaps, and dates that run backwards.

    >>> days = np.array(["2024-01-03", "2024-01-02", "2024-01-01"], "M8[us]")
    >>> print(*about_steps(Column("day", "date", days)))
    Column “day”: its dates run backwards; the network reads the rows as they come.
    """
    steps = time_steps(column)
    if steps is None:
        return ()
    n_steps = int((~column.is_missing).sum()) - 1
    said = []
    if steps.n_backwards == n_steps:
        said.append(Decision("backwards", "as it is", column=column.name))
    elif steps.n_backwards:
        facts = {"row": str(steps.at)}
        said.append(Decision("unsorted", str(steps.n_backwards), column=column.name, facts=facts))
    if steps.n_irregular:
        facts = {
            "typical": duration(steps.typical),
            "largest": duration(steps.largest),
            "row": str(steps.at),
        }
        said.append(Decision("gaps", str(steps.n_irregular), column=column.name, facts=facts))
    return tuple(said)


def join_times(columns: tuple[Column, ...]) -> tuple[tuple[Column, ...], tuple[Decision, ...]]:
    """Columns of which the one of days has got the time of the one of times beside it.

    >>> day = Column("day", "date", np.array(["2024-01-05"], "M8[us]"))
    >>> time = Column("time", "date", np.array(["1970-01-01T12:30"], "M8[us]"))
    >>> join_times((day, time))[0][0].values.astype(str).tolist()
    ['2024-01-05T12:30:00.000000']
    """
    dates = [i for i, column in enumerate(columns) if column.kind == "date"]
    if len(dates) != 2 or dates[1] - dates[0] != 1:
        return columns, ()
    pair = [columns[i] for i in dates]
    day, time = pair if is_of_times(pair[1]) else reversed(pair)
    if is_of_times(day) or not is_of_times(time) or not is_of_days(day):
        return columns, ()
    moments = day.values + (time.values - _EPOCH)
    joined = tuple(replace(c, values=moments) if c is day else c for c in columns)
    return joined, (Decision("joined", time.name, column=day.name),)


def is_of_times(column: Column) -> bool:
    """True for times of day without a date: all are of the first day that is counted.

    >>> is_of_times(Column("time", "date", np.array(["1970-01-01T12:30"], "M8[us]")))
    True
    """
    days = column.values[~column.is_missing].astype("datetime64[D]")
    return bool((days == np.datetime64(0, "D")).all())


def is_of_days(column: Column) -> bool:
    """True for dates without a time of day.

    >>> is_of_days(Column("day", "date", np.array(["2024-01-05"], "M8[us]")))
    True
    """
    present = column.values[~column.is_missing]
    return bool((present == present.astype("datetime64[D]")).all())


def duration(seconds: float) -> str:
    """Duration in its largest whole unit.

    >>> duration(86_400), duration(600), duration(0.5)
    ('1 d', '10 min', '0.5 s')
    """
    unit, size = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    return f"{seconds / size:.3g} {unit}"
