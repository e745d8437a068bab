"""Cells of a table ▶ numbers, dates or missing values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import regex

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

    from rnnviz.core.arrays import Array

Cell = str | float | bool | None

# The spellings spreadsheets and pandas write for "no value", in lower case.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "-", "?"})

_DATE = regex.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]*)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def is_missing(cell: Cell) -> bool:
    """Whether a cell holds no value: None, NaN or a spelling in MISSING.

    >>> is_missing(" N/A "), is_missing(0.0)
    (True, False)
    """
    if isinstance(cell, str):
        return len(cell) < 20 and cell.strip().lower() in MISSING
    return cell is None or cell != cell


def as_numbers(cells: Rows[Cell]) -> Array | None:
    """float64 (row,) with NaN where a cell is None, or None when a cell is no number.

    >>> as_numbers(["1", None, "2.5"]).tolist()
    [1.0, nan, 2.5]
    >>> as_numbers(["1", "one"]) is None
    True
    """
    try:
        return np.array([np.nan if cell is None else _number(cell) for cell in cells], float)
    except ValueError:
        return None


def as_dates(cells: Rows[Cell]) -> Array | None:
    """datetime64[us] (row,), UTC, with NaT where a cell is None, or None when one is no date.

    Dates look like 2024-01-31, 2024/1/31, 2024-01 or 2024-01-31 12:30:00+08:00.

    >>> as_dates(["2024-01-31", None]).astype(str).tolist()
    ['2024-01-31T00:00:00.000000', 'NaT']
    """
    try:
        dates = [None if cell is None else _date(cell) for cell in cells]
    except (ValueError, OverflowError):
        return None
    return np.array(dates, "datetime64[us]")


def _number(cell: str | float | bool) -> float:
    # Python reads 1_000 as a number; in a table it is a name.
    if isinstance(cell, str) and "_" in cell:
        raise ValueError(cell)
    return float(cell)


def _date(cell: str | float | bool) -> datetime:
    found = _DATE.fullmatch(cell.strip()) if isinstance(cell, str) and len(cell) < 60 else None
    if found is None:
        raise ValueError(cell)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    return _in_utc(
        datetime(
            int(year),
            int(month),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")),
        ),
        zone,
    )


def _in_utc(date: datetime, zone: str | None) -> datetime:
    if zone is None or zone == "Z":
        return date
    offset = datetime.strptime(zone, "%z").tzinfo
    return date.replace(tzinfo=offset).astimezone(UTC).replace(tzinfo=None)
