"""Columns of a table and the inference of their kind from cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import regex

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_printable
from rnnviz.inputs.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

CellValue = str | float | bool | None
ColumnKind = Literal["number", "category", "date", "text"]

MAX_CATEGORIES = 64
_MAX_CATEGORY_LENGTH = 100

# The spellings spreadsheets and pandas write for "no value", in lower case.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "-", "?"})

_DATE = regex.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]*)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


@dataclass(frozen=True, eq=False)
class Column:
    """Named values, one per row.

    values  (row,), read-only. number: float64, missing is NaN. date: datetime64[us], missing is
            NaT. category and text: str, missing is None.
    kind    "category" for at most MAX_CATEGORIES different short texts, "text" for others.
    unit    of the numbers, where the file gives one: "kg", "€", "%".
    decisions  what was decided in reading it.

    >>> Column("price", "number", [1.0, float("nan")]).n_missing
    1
    """

    name: str
    kind: ColumnKind
    values: Array
    unit: str = ""
    decisions: tuple[Decision, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.values))

    @property
    def is_missing(self) -> Array:
        """Mask (row,), True where a value is missing."""
        if self.kind == "number":
            return np.isnan(self.values)
        if self.kind == "date":
            return np.isnat(self.values)
        return np.array([value is None for value in self.values], bool)

    @property
    def n_missing(self) -> int:
        """Number of missing values."""
        return int(self.is_missing.sum())

    @property
    def categories(self) -> tuple[str, ...]:
        """Different texts in order of first appearance; empty for numbers and dates."""
        if self.kind in ("number", "date"):
            return ()
        return tuple(dict.fromkeys(value for value in self.values if value is not None))

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self.name, self.kind, self.values, self.unit, self.decisions)


def infer_column(name: str, cells: Rows[CellValue]) -> Column:
    """Column of numbers if all cells are, else of dates if all are, else of texts.

    Raises InputError for a text that cannot be shown.

    >>> infer_column("sky", ["clear", "NA", "cloudy"]).kind
    'category'
    """
    check_printable(name)
    present = [None if is_missing(cell) else cell for cell in cells]
    if (numbers := to_numeric(present)) is not None:
        return Column(name, "number", numbers)
    if (dates := to_datetime(present)) is not None:
        return Column(name, "date", dates)
    return _text_column(name, [None if cell is None else _text(cell) for cell in present])


def column_from_array(name: str, values: Array) -> Column:
    """Column of an array (row,) of numbers, booleans or dates.

    >>> column_from_array("x1", np.array([1, 2])).values.dtype
    dtype('float64')
    """
    check_printable(name)
    if values.dtype.kind == "M":
        return Column(name, "date", values.astype("datetime64[us]"))
    # A wider float may overflow to infinity, which is refused when the column is chosen.
    with np.errstate(over="ignore", invalid="ignore"):
        return Column(name, "number", values.astype(np.float64))


def is_missing(cell: CellValue) -> bool:
    """True for a cell without a value: None, NaN or a spelling in MISSING.

    >>> is_missing(" N/A "), is_missing(0.0)
    (True, False)
    """
    if isinstance(cell, str):
        return len(cell) < 20 and cell.strip().lower() in MISSING
    return cell is None or cell != cell


def to_numeric(cells: Rows[CellValue]) -> Array | None:
    """Cells as float64 (row,), None as NaN; None when a cell is no number.

    >>> to_numeric(["1", None, "2.5"]).tolist()
    [1.0, nan, 2.5]
    >>> to_numeric(["1", "one"]) is None
    True
    """
    try:
        return np.array([np.nan if cell is None else _number(cell) for cell in cells], float)
    except ValueError:
        return None


def to_datetime(cells: Rows[CellValue]) -> Array | None:
    """Cells as datetime64[us] (row,) in UTC, None as NaT; None when a cell is no date.

    Dates look like 2024-01-31, 2024/1/31, 2024-01 or 2024-01-31 12:30:00+08:00.

    >>> to_datetime(["2024-01-31", None]).astype(str).tolist()
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
    match = _DATE.fullmatch(cell.strip()) if isinstance(cell, str) and len(cell) < 60 else None
    if match is None:
        raise ValueError(cell)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    time = (
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        int((fraction or "0").ljust(6, "0")),
    )
    return _in_utc(datetime(int(year), int(month), int(day or 1), *time), zone)


def _in_utc(date: datetime, zone: str | None) -> datetime:
    if zone is None or zone == "Z":
        return date
    offset = datetime.strptime(zone, "%z").tzinfo
    return date.replace(tzinfo=offset).astimezone(UTC).replace(tzinfo=None)


def _text_column(name: str, texts: list[str | None]) -> Column:
    different = {text for text in texts if text is not None}
    for text in different:
        check_printable(text)
    is_short = all(len(text) <= _MAX_CATEGORY_LENGTH for text in different)
    kind: ColumnKind = "category" if is_short and len(different) <= MAX_CATEGORIES else "text"
    return Column(name, kind, np.array(texts, object))


def _text(cell: str | float | bool) -> str:
    return cell if isinstance(cell, str) else str(cell).lower()
