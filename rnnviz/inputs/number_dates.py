"""Numbers that are dates: 20240105 without marks, and time counted since 1970."""

from __future__ import annotations

import numpy as np
import regex

from rnnviz.core.arrays import Array
from rnnviz.inputs.calendar import dates_of_parts
from rnnviz.inputs.date_format import DateShape
from rnnviz.inputs.dates import Dates
from rnnviz.inputs.decision import Decision

_ENOUGH = 3  # numbers that are all dates by chance once in ten millions
_NAMED = regex.compile(
    r"(?i)(?:^|.*[^\p{L}])(?:time|timestamp|ts|epoch|date|datetime|day|month|period|unix|utc|yyyymm|ym"
    r"|datum|fecha|zeit|zeitstempel|zeitpunkt|horodatage|dato)"
    r"(?:dd)?(?:[^\p{L}].*|$)|.*(?:时间|日期|年月|月份|時間|日付|날짜|시간).*|.*[a-z](?:Time|Date|At|Timestamp)$"
    r"|(?i).*_at$|(?i)unix_?time.*"
)
_DAYS_NAMED = regex.compile(
    r"(?i)(?:^|.*[^\p{L}])(?:date|datum|fecha|dato|datetime)(?:[^\p{L}].*|$)|.*(?:日期|日付|날짜).*"
)
_UNNAMED = regex.compile(r"column [0-9]+")
# Letters of DateShape by the digits they take, from the last.
_LAYOUTS = {8: (("d", 2), ("m", 2), ("Y", 4)), 6: (("m", 2), ("Y", 4))}
_LAYOUTS[10] = (("H", 2), *_LAYOUTS[8])
_LAYOUTS[12] = (("M", 2), *_LAYOUTS[10])
_LAYOUTS[14] = (("S", 2), *_LAYOUTS[12])
_FIRST, _LAST = 631_152_000, 4_102_444_800  # 1990 and 2100 in seconds since 1970
# 1990 and 2050 in days of a spreadsheet, which counts from 1899-12-30 (ECMA-376-1, 18.17.4.1).
_FIRST_DAY, _LAST_DAY, _DAY_ZERO = 32_874, 54_790, np.datetime64("1899-12-30", "us")
_UNITS = {"s": 1, "ms": 10**3, "µs": 10**6, "ns": 10**9}


def dates_of_numbers(name: str, values: Array) -> Dates | None:
    """Dates of a column of numbers (row,), missing is NaN; None when they are numbers.

    Moments since 1970 only where the column is named for time, or has no name and goes on evenly.

    >>> dates_of_numbers("timestamp", np.array([1.7e9])).values.tolist()
    [datetime.datetime(2023, 11, 14, 22, 13, 20)]
    >>> dates_of_numbers("price", np.array([1.7e9])) is None
    True
    """
    present = values[~np.isnan(values)]
    if len(present) and _DAYS_NAMED.fullmatch(name.strip()) and present.max() < _LAST_DAY:
        return _spreadsheet_days(present, values)
    if not len(present) or present.min() < 190_001:
        return None
    is_named = _NAMED.fullmatch(name.strip()) is not None
    compact = _compact(present, values, is_named)
    is_moment = is_named or (_UNNAMED.fullmatch(name) is not None and _is_even(values))
    return compact or (_epoch(present, values) if is_moment else None)


def _spreadsheet_days(present: Array, values: Array) -> Dates | None:
    """Dates of days since 1899-12-30 that go on row by row, to the millisecond."""
    if present.min() < _FIRST_DAY or (np.diff(present) < 0).any():
        return None
    milliseconds = np.rint(present * 86_400_000).astype("timedelta64[ms]")
    dates = _DAY_ZERO + milliseconds.astype("timedelta64[us]")
    facts = {"cell": f"{present[0]:.10g}"}
    said = Decision("spreadsheet_days", str(dates[0])[:10], is_certain=False, facts=facts)
    return _placed(dates, values, said)


def _is_even(values: Array) -> bool:
    """True for values (row,) that all go on by one step."""
    steps = np.unique(np.diff(values))
    return len(values) >= _ENOUGH and len(steps) == 1 and bool(steps[0] > 0)


def _compact(present: Array, values: Array, is_named: bool) -> Dates | None:
    n_digits = len(f"{present.max():.0f}")
    if n_digits not in _LAYOUTS or not (present % 1 == 0).all():
        return None
    if not (is_named or (len(present) >= _ENOUGH and n_digits > 6)):
        return None
    rest, parts = present.astype(np.int64), {}
    for letter, width in _LAYOUTS[n_digits]:
        rest, parts[letter] = np.divmod(rest, 10**width)
    # Series of the weather begin in the 18th century.
    if not ((parts["Y"] >= (1700 if is_named else 1900)) & (parts["Y"] <= 2100)).all():
        return None
    dates = dates_of_parts(parts, DateShape(tuple((letter, 0, 0) for letter in parts)), "day first")
    facts = {"cell": f"{present[0]:.0f}"}
    return (
        None if dates is None else _placed(dates, values, Decision("compact", "dates", facts=facts))
    )


def _epoch(present: Array, values: Array) -> Dates | None:
    for unit, per_second in _UNITS.items():
        if present.min() >= _FIRST * per_second and present.max() < _LAST * per_second:
            microseconds = np.rint(present * (10**6 / per_second)).astype(np.int64)
            dates = microseconds.astype("datetime64[us]")
            return _placed(dates, values, Decision("epoch", unit, tuple(_UNITS)))
    return None


def _placed(dates: Array, values: Array, decision: Decision) -> Dates:
    placed = np.full(len(values), np.datetime64("NaT", "us"))
    placed[~np.isnan(values)] = dates
    return Dates(placed, (decision,))
