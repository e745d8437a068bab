"""Dates of a column, and the decision about the order of day and month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.inputs.calendar import dates_of_parts
from rnnviz.inputs.cells import MAX_SHAPES, SEPARATOR, CellText, only_shape, plain, shape_of
from rnnviz.inputs.date_format import DateOrder, DateShape, date_shape
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import AS_FOUND, FileFormat

_NO_DATE = np.datetime64("NaT", "us")
_SAMPLE = 100_000
_ENOUGH = 5  # dates whose steps tell the order of day and month


@dataclass(frozen=True)
class Dates:
    """Dates (row,) as datetime64[us] in UTC, missing is NaT, and what was decided."""

    values: Array
    decisions: tuple[Decision, ...] = ()


def read_dates(
    cells: CellText, how: FileFormat = AS_FOUND, *, expected: DateOrder = "month first"
) -> Dates | None:
    """Dates of cells; None when one is none.

    expected  the order where the column leaves it open.

    >>> read_dates(CellText(["31/01/2024", "NA"])).values.astype("datetime64[D]").tolist()
    [datetime.date(2024, 1, 31), None]
    """
    forms = _forms(cells)
    if not forms or not how.parse_dates:
        return None
    orders = _orders(forms, how)
    read = {order: dates for order in orders if (dates := _read(cells, forms, order)) is not None}
    if not read:
        return None
    is_open = any(form.separator for form in forms.values())
    order, is_certain = _likely_order(read, expected) if len(read) > 1 else (next(iter(read)), True)
    if any(form.is_taiwans for form in forms.values()):
        example = next(c.strip() for c in cells if shape_of(plain(c)) in forms)
        year = str(read[order][~np.isnat(read[order])][0])[:4]
        return Dates(read[order], (Decision("taiwan", year, facts={"cell": example}),))
    if not is_open:
        return Dates(read[order])
    example = next(c.strip() for c in cells if _is_open(shape_of(plain(c)), forms))
    decision = Decision("dates", order, tuple(read), "", is_certain, {"cell": example})
    return Dates(read[order], (decision,))


def _forms(cells: CellText) -> dict[str, DateShape]:
    """Form of every shape; empty when one is no date, or some are times alone and others not."""
    if len(cells.shapes) > MAX_SHAPES:
        return {}
    forms: dict[str, DateShape] = {}
    for shape in cells.shapes:
        form = date_shape(shape)
        if form is None:
            return {}
        forms[shape] = form
    # 99/12/31 beside 100/01/01 would be of another century.
    kinds = {(form.is_time, form.is_taiwans) for form in forms.values()}
    return forms if len(kinds) == 1 else {}


def _orders(forms: Mapping[str, DateShape], how: FileFormat) -> tuple[DateOrder, ...]:
    is_open = [form.orders for form in forms.values() if form.separator]
    if not is_open:
        return ("day first",)
    shared = tuple(order for order in is_open[0] if all(order in others for others in is_open))
    if how.yearfirst and "year first" in shared:
        return ("year first",)
    if how.dayfirst is None:
        return shared
    others: tuple[DateOrder, ...] = ("month first", "year first")
    asked = [order for order in (("day first",) if how.dayfirst else others) if order in shared]
    return tuple(asked[:1]) or shared


def _is_open(shape: str, forms: Mapping[str, DateShape]) -> bool:
    return shape in forms and bool(forms[shape].separator)


def _read(cells: CellText, forms: Mapping[str, DateShape], order: DateOrder) -> Array | None:
    read = np.full(len(cells), _NO_DATE)
    row = 0
    for chunk in cells.chunks:
        dates = _chunk_dates(plain(chunk), forms, order)
        if dates is None:
            return None
        read[row : row + len(dates)] = dates
        row += len(dates)
    return read


def _chunk_dates(text: str, forms: Mapping[str, DateShape], order: DateOrder) -> Array | None:
    codes = (
        np.frombuffer(text.encode(), np.uint8)
        if text.isascii()
        else np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    )
    starts = np.concatenate([[0], np.flatnonzero(codes == ord(SEPARATOR)) + 1])
    dates = np.full(len(starts), _NO_DATE)
    for shape, rows in _rows_by_shape(shape_of(text)):
        if shape not in forms:
            continue
        form = forms[shape]
        parts = {
            letter: _integers(codes, starts[rows], first, last)
            for letter, first, last in form.fields
        }
        read = dates_of_parts(parts, form, order)
        if read is None:
            return None
        dates[rows] = read
    return dates


def _rows_by_shape(shaped: str) -> Iterator[tuple[str, Array]]:
    """Each shape of a chunk with the rows (row,) of its cells."""
    if shape := only_shape(shaped):
        yield shape, np.arange(shaped.count(SEPARATOR) + 1)
        return
    shapes = shaped.split(SEPARATOR)
    numbers = {shape: i for i, shape in enumerate(dict.fromkeys(shapes))}
    kinds = np.fromiter(map(numbers.__getitem__, shapes), np.int64, len(shapes))
    ends = np.cumsum(np.bincount(kinds))
    groups = np.split(np.argsort(kinds, kind="stable"), ends[:-1])
    yield from zip(numbers, groups, strict=True)


def _integers(codes: Array, starts: Array, first: int, last: int) -> Array:
    """Number (row,) that the digits of each cell from one position to another write."""
    value = np.zeros(len(starts), np.int64)
    for position in range(first, last):
        value = value * 10 + codes[starts + position] - ord("0")
    return value


def _likely_order(read: Mapping[DateOrder, Array], expected: DateOrder) -> tuple[DateOrder, bool]:
    """The order whose dates go one way in even steps, and whether that leaves no doubt."""
    untidy = {order: _untidiness(dates) for order, dates in read.items()}
    best = min(untidy.values())
    tidy = [order for order, value in untidy.items() if value == best]
    n_dates = max(int((~np.isnat(dates)).sum()) for dates in read.values())
    if len(tidy) == 1:
        others = [value for value in untidy.values() if value != best]
        return tidy[0], n_dates >= _ENOUGH and best[0] == 0 and all(value[0] for value in others)
    return (expected if expected in tidy else tidy[0]), False


def _untidiness(dates: Array) -> tuple[int, int]:
    """How far dates (row,) are from going one way, and in how many different steps."""
    present = dates[~np.isnat(dates)][:_SAMPLE]
    steps = np.diff(present).astype(np.int64)
    turns = min(int((steps < 0).sum()), int((steps > 0).sum()))
    return turns, len(np.unique(steps))
