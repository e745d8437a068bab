"""Times of day without marks beside a column of days: 0930 and 093000, as stock exchanges write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import regex

from rnnviz.core.arrays import read_only
from rnnviz.inputs.cells import CellText
from rnnviz.inputs.column import Column
from rnnviz.inputs.time_steps import is_of_days

_NAMED = regex.compile(
    r"(?i)<?(?:time|hhmm(?:ss)?|hrmn|uhrzeit|zeit|heure|hora|ora|tid|czas)>?|时间|時間|時刻|시각|시간"
)
# Where a leading zero was lost, as in a spreadsheet, one digit is missing.
_SECONDS, _MINUTES = {"000000", "00000"}, {"0000", "000"}


def with_clocks(columns: Sequence[Column], cells: Sequence[CellText]) -> tuple[Column, ...]:
    """Columns, numbers beside days that are times by name and value as times of the first day.

    >>> day = Column("DATE", "date", np.array(["2024-01-05"], "M8[us]"))
    >>> time = Column("TIME", "number", [93100.0])
    >>> with_clocks([day, time], [CellText(["20240105"]), CellText(["093100"])])[1].values.tolist()
    [datetime.datetime(1970, 1, 1, 9, 31)]
    """
    days = [i for i, column in enumerate(columns) if column.kind == "date" and is_of_days(column)]
    beside = {i + step for i in days for step in (-1, 1)}
    return tuple(
        _as_clock(column, cells[i]) if i in beside and _is_named(column) else column
        for i, column in enumerate(columns)
    )


def _is_named(column: Column) -> bool:
    return column.kind == "number" and _NAMED.fullmatch(column.name) is not None


def _as_clock(column: Column, cells: CellText) -> Column:
    shapes = set(cells.shapes)
    has_seconds = shapes <= _SECONDS
    if not (has_seconds or shapes <= _MINUTES) or column.is_missing.all():
        return column
    whole = np.where(column.is_missing, 0, column.values).astype(np.int64)
    rest, second = np.divmod(whole, 100) if has_seconds else (whole, np.zeros_like(whole))
    hour, minute = np.divmod(rest, 100)
    if max(hour.max() - 23, minute.max() - 59, second.max() - 59) > 0:
        return column
    times = ((hour * 60 + minute) * 60 + second).astype("datetime64[s]").astype("datetime64[us]")
    times[column.is_missing] = np.datetime64("NaT")
    return replace(column, kind="date", values=read_only(times), unit="", decisions=())
