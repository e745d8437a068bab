"""Moments of the parts of dates: the calendar in arrays, every date checked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.inputs.date_format import DateOrder, DateShape

_DAY, _HOUR, _MINUTE, _SECOND = 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000
_PIVOT = 69  # POSIX: 69 to 99 are of the last century


def dates_of_parts(parts: Mapping[str, Array], form: DateShape, order: DateOrder) -> Array | None:
    """Moments (row,) in UTC as datetime64[us]; None when one is not in the calendar.

    parts  numbers (row,) by letter of `DateShape`.

    >>> form = DateShape((("Y", 0, 4), ("m", 5, 7)))
    >>> dates_of_parts({"Y": np.array([2024]), "m": np.array([2])}, form, "day first").tolist()
    [datetime.datetime(2024, 2, 1, 0, 0)]
    """
    zero = np.zeros(len(next(iter(parts.values()))), np.int64)
    parts = _in_order(parts, order)
    days, is_day = _days(parts, form, zero)
    time, is_time = _time_of_day(parts, form, zero)
    if not (is_day & is_time).all():
        return None
    return np.asarray((days * _DAY + time).astype("datetime64[us]"))


def _in_order(parts: Mapping[str, Array], order: DateOrder) -> dict[str, Array]:
    """Parts with day, month and year in place of a, b, c."""
    if "a" not in parts:
        return dict(parts)
    letters = {"day first": "dmy", "month first": "mdy", "year first": "ymd"}[order]
    named = dict(zip("abc", letters, strict=True))
    return {named.get(letter, letter): values for letter, values in parts.items()}


def _days(parts: Mapping[str, Array], form: DateShape, zero: Array) -> tuple[Array, Array]:
    """Days (row,) since 1970, and whether (row,) the calendar has them."""
    if form.is_time:
        return zero, zero == 0
    year = _year(parts, form)
    is_year = (year >= 1) & (year <= 9999)
    if "w" in parts:
        days, is_day = _week_days(parts, year)
    elif "j" in parts:
        days, is_day = _days_of_year(parts["j"], year)
    else:
        days, is_day = _month_days(parts, form, year)
    return days, is_year & is_day


def _year(parts: Mapping[str, Array], form: DateShape) -> Array:
    if "Y" in parts:
        return parts["Y"]
    if "E" in parts:
        return parts["E"] + form.era
    return np.where(parts["y"] < _PIVOT, 2000, 1900) + parts["y"]


def _month_days(parts: Mapping[str, Array], form: DateShape, year: Array) -> tuple[Array, Array]:
    quarter = parts.get("q")
    month = parts.get("m", year * 0 + (form.month or 1)) if quarter is None else quarter * 3 - 2
    day = parts.get("d", year * 0 + 1)
    index = (year - 1970) * 12 + month - 1
    first, following = _first_of(index), _first_of(index + 1)
    is_day = (month >= 1) & (month <= 12) & (day >= 1) & (day <= following - first)
    return first + day - 1, is_day


def _first_of(months: Array) -> Array:
    """Days since 1970 of the first day of months (row,) since 1970."""
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def _days_of_year(day: Array, year: Array) -> tuple[Array, Array]:
    first, following = _first_of((year - 1970) * 12), _first_of((year - 1969) * 12)
    return first + day - 1, (day >= 1) & (day <= following - first)


def _week_days(parts: Mapping[str, Array], year: Array) -> tuple[Array, Array]:
    """ISO 8601: the first week of a year is that of the 4th of January, from Monday."""
    week, weekday = parts["w"], parts.get("k", year * 0 + 1)
    mondays = [_first_monday(year), _first_monday(year + 1)]
    is_day = (week >= 1) & (week <= (mondays[1] - mondays[0]) // 7)
    return mondays[0] + (week - 1) * 7 + weekday - 1, is_day & (weekday >= 1) & (weekday <= 7)


def _first_monday(year: Array) -> Array:
    fourth = _first_of((year - 1970) * 12) + 3
    # The first of January 1970 was a Thursday.
    return np.asarray(fourth - (fourth + 3) % 7)


def _time_of_day(parts: Mapping[str, Array], form: DateShape, zero: Array) -> tuple[Array, Array]:
    """Microseconds (row,) since midnight in UTC, and whether (row,) a clock shows them."""
    hour, minute, second = (parts.get(letter, zero) for letter in "HMS")
    is_time = (minute <= 59) & (second <= 60) & (hour <= 24)
    # 24:00 is the end of a day in ISO 8601.
    is_time &= (hour < 24) | ((minute == 0) & (second == 0))
    if form.half:
        hour = hour % 12 + (12 if form.half == "pm" else 0)
    is_time &= (parts.get("x", zero) <= 14) & (parts.get("i", zero) <= 59)
    offset = form.zone * (parts.get("x", zero) * _HOUR + parts.get("i", zero) * _MINUTE)
    time = hour * _HOUR + minute * _MINUTE + second * _SECOND + _fraction(parts, form, zero)
    return time - offset, is_time


def _fraction(parts: Mapping[str, Array], form: DateShape, zero: Array) -> Array:
    """Microseconds (row,) of a second's fraction, its further digits cut off."""
    if "f" not in parts:
        return zero
    n_digits = next(last - first for letter, first, last in form.fields if letter == "f")
    return np.asarray(parts["f"] * 10**6 // 10**n_digits)
