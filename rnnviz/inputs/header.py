"""Names and units of a table's columns, among the lines above its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from rnnviz.inputs.kinds import CellKind, likely_kind
from rnnviz.inputs.number_format import UNIT_NAMES

Row = Sequence[str]
_WHOLE = regex.compile(r"[0-9]{1,6}(?:\.0)?")
_LIKE_UNITS = regex.compile(
    r"\[.*\]|\(.*\)|.*[/°%^²³⁻·].*|(?i)deg(rees?)?( ?[cf])?|celsius|kelvin|ts|rn|unix|utc|string"
    r"|str|int(eger)?|float|number|seconds?|minutes?|hours?|days?|volts?|amps?|watts?|y{2,4}-?m{1,2}.*"
    r"|unitless|none|1|无量纲|单位"
)
_MAX_UNIT = 16
_BRACKETED = regex.compile(r"\[.{1,30}\]")


@dataclass(frozen=True)
class Header:
    """Rows of a group above the values.

    names      a name for each column, "" for none.
    name_row   the row of the group they stand in, from 0; the lower of two.
    units      a unit for each column; () where no row gives them.
    n_rows     rows of the group that belong to the header.
    is_certain False where the row above may hold the names as well.
    """

    names: tuple[str, ...]
    name_row: int
    units: tuple[str, ...] = ()
    n_rows: int = 1
    is_certain: bool = True


def column_kinds(rows: Sequence[Row], width: int) -> list[CellKind]:
    """Kind of most cells in each column, of rows of which some may be no values.

    >>> column_kinds([("t", "sky"), ("1", "clear"), ("2", "NA")], 2)
    ['number', 'text']
    """
    fitting = [row for row in rows if len(row) == width]
    lower = fitting[len(fitting) // 2 :]
    return [_usual_kind([likely_kind(row[column]) for row in lower]) for column in range(width)]


def _usual_kind(kinds: list[CellKind]) -> CellKind:
    counts: Counter[CellKind] = Counter(kind for kind in kinds if kind != "missing")
    if not counts:
        return "missing"
    most = max(counts.values())
    # Of two that come equally often, the one further down: above stands what is no value.
    return next(kind for kind in reversed(kinds) if counts[kind] == most)


def is_values(row: Row, kinds: Sequence[CellKind]) -> bool:
    """True for a row with a number or date in a column of such, and in none of them another text.

    >>> is_values(("1", "clear"), ["number", "text"]), is_values(("t", "sky"), ["number", "text"])
    (True, False)
    """
    if len(row) != len(kinds):
        return False
    pairs = [
        (likely_kind(cell), kind)
        for cell, kind in zip(row, kinds, strict=True)
        if kind in ("number", "date")
    ]
    return any(came == kind for came, kind in pairs) and all(
        came in (kind, "missing") for came, kind in pairs
    )


def header_of(group: Sequence[Row], width: int) -> Header | None:
    """Header in the rows right above the values; None where they hold no names.

    >>> header_of([("time", "temp"), ("s", "degC")], 2)
    Header(names=('time', 'temp'), name_row=0, units=('s', 'degC'), n_rows=2, is_certain=True)
    """
    rows = [_padded(row, width) for row in group]
    # A row with a value in it is the first of the table, however little else fits.
    rows = rows[: next((i for i, row in enumerate(rows) if i and _has_number(row)), len(rows))]
    if not rows:
        return None
    if len(rows) > 1 and _are_groups(rows[-2], rows[-1]):
        joined = (f"{a} {b}".strip() for a, b in zip(_filled(rows[-2]), rows[-1], strict=True))
        return Header(tuple(joined), len(rows) - 1, (), len(rows))
    # From below: a line of settings further up may look like units.
    for i in reversed(range(1, len(rows))):
        if _are_units(rows[i]) and not _are_units(rows[i - 1]) and _n_names(rows[i - 1]) > 1:
            return Header(rows[i - 1], i - 1, rows[i], len(rows))
    if len(rows) > 1 and _is_index_name(rows[-1]):
        above = header_of(rows[:-1], width)
        if above is not None:
            return Header(("", *above.names[1:]), above.name_row, (), len(rows))
    if width == 1:
        # Of one column the first text is its name, and the next a value that is no number.
        return Header(rows[0], 0)
    return Header(rows[-1], len(rows) - 1, (), len(rows), is_certain=len(rows) == 1)


def are_numeric_names(first: Row, rest: Sequence[Row]) -> tuple[bool, bool]:
    """Whether a row of numbers, such as years, is a header, and whether that leaves no doubt.

    >>> are_numeric_names(("country", "2020", "2021"), [("A", "1", "2")])
    (True, True)
    >>> are_numeric_names(("0", "1"), [("2", "3")])
    (False, True)
    """
    numbers = [int(float(cell)) for cell in first if _WHOLE.fullmatch(cell.strip())]
    others = [cell.strip() for cell in first if not _WHOLE.fullmatch(cell.strip())]
    steps = {b - a for a, b in pairwise(numbers)}
    if not numbers or not rest or len(steps) > 1 or 0 in steps:
        return False, True
    if any(likely_kind(cell) in ("number", "date") for cell in others):
        return False, True
    are_years = all(1500 <= number <= 2500 for number in numbers)
    if others == [""] and first[0].strip() == "":
        return (len(numbers) > 1 or numbers[0] == 0 or are_years), True
    if others:
        below = {cell.strip() for row in rest for cell in row}
        is_new = not below & set(others) and "" not in others
        return is_new and (len(numbers) > 1 or are_years), len(numbers) > 1
    return _are_all_names(numbers, rest, are_years)


def _are_all_names(numbers: list[int], rest: Sequence[Row], are_years: bool) -> tuple[bool, bool]:
    cells = [cell.strip() for row in rest for cell in row if likely_kind(cell) == "number"]
    whole = [int(float(cell)) for cell in cells if _WHOLE.fullmatch(cell)]
    has_fractions = len(whole) < len(cells)
    if len(numbers) < 2:
        return False, True
    if are_years:
        is_other = has_fractions or not all(1500 <= number <= 2500 for number in whole)
        return is_other, len(numbers) > 2 or not is_other
    is_counted = numbers[0] in (0, 1) and numbers[-1] - numbers[0] == len(numbers) - 1
    goes_on = bool(whole) and whole[0] == numbers[-1] + 1
    if not is_counted or goes_on:
        return False, True
    return has_fractions or len(numbers) > 2, has_fractions and len(numbers) > 2


def _padded(row: Row, width: int) -> tuple[str, ...]:
    """Names (column,), an index without a name before them where one is missing."""
    names = tuple(" ".join(cell.split()) for cell in row)
    if all(len(name) > 1 and name[0] == name[-1] == "'" for name in names):
        names = tuple(name[1:-1] for name in names)
    return names if len(names) >= width else ("",) * (width - len(names)) + names


def _has_number(row: Row) -> bool:
    return any(likely_kind(cell) in ("number", "date") for cell in row)


def _n_names(row: Row) -> int:
    return len({cell for cell in row if cell})


def _are_units(row: Row) -> bool:
    present = [cell for cell in row if cell and cell != "-"]
    n_known = sum(cell in UNIT_NAMES or bool(_LIKE_UNITS.fullmatch(cell)) for cell in present)
    # A form of dates in brackets may be longer.
    are_short = all(len(cell) <= _MAX_UNIT or _BRACKETED.fullmatch(cell) for cell in present)
    return bool(present) and are_short and 2 * n_known >= len(present)


def _is_index_name(row: Row) -> bool:
    """True for the row that pandas writes for the index of a table with two rows of names."""
    return bool(row[0]) and len(row) > 1 and not any(row[1:])


def _are_groups(upper: Row, lower: Row) -> bool:
    """True for names over groups of columns, each standing once or at every column."""
    over = [cell for cell in upper[1:] if cell]
    is_sparse = len(over) < len(upper) - 1 or len(set(over)) < len(over)
    # One name for all, as of the only share that was asked for.
    is_one = len(over) > 1 and len(set(lower[1:])) == 1 and not _are_units(lower)
    is_sparse = is_sparse or is_one
    return all(lower[1:]) and _n_names(upper) > 1 and is_sparse


def _filled(row: Row) -> Iterable[str]:
    name = ""
    for cell in row:
        name = cell or name
        yield name
