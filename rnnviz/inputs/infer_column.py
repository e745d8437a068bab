"""Inference of a column's kind from its cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.arrays import Array, make_read_only
from rnnviz.core.checks import check_printable
from rnnviz.inputs.cells import CHUNK_CELLS, VALUE_STARTS, CellText, is_missing
from rnnviz.inputs.column import MAX_CATEGORIES, Column, ColumnKind
from rnnviz.inputs.dates import read_dates
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.nearly_numbers import first_misfit
from rnnviz.inputs.number_column import AS_EXPECTED, Expected, Numbers, read_numbers
from rnnviz.inputs.number_dates import dates_of_numbers
from rnnviz.inputs.number_format import plain_numbers
from rnnviz.inputs.real_numbers import as_written, without_mark

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

CellValue = str | float | bool | None
_MAX_CATEGORY_LENGTH = 100


def infer_column(
    name: str,
    cells: Rows[CellValue] | CellText,
    how: FileFormat = AS_FOUND,
    expected: Expected = AS_EXPECTED,
) -> Column:
    """Column of numbers if all cells are, else of dates if all are, else of texts.

    how       how the cells are written, where the user says so.
    expected  what the cells are expected to be where they leave it open.

    Raises InputError for a text that cannot be shown.

    >>> infer_column("sky", ["clear", "NA", "cloudy"]).kind
    'category'
    >>> infer_column("price", ["1.299,99 €", "-3,0 €"]).values.tolist()
    [1299.99, -3.0]
    """
    check_printable(name)
    if not isinstance(cells, CellText):
        return _infer_objects(name, cells, how, expected)
    if how.na_values:
        gaps = set(how.na_values)
        cells = CellText("" if cell.strip() in gaps else cell for cell in cells)
    return _infer_texts(name, cells, how, expected) or _text_column(name, cells, cells)


def _infer_objects(
    name: str, cells: Rows[CellValue], how: FileFormat, expected: Expected
) -> Column:
    if not any(isinstance(cell, str) for cell in cells):
        return _number_column(name, Numbers(_floats(cells)), how)
    texts = ["" if cell is None else _text(cell) for cell in cells]
    different = list(dict.fromkeys(texts))
    for text in different:
        check_printable(text)
    # A long text that comes a million times, as one object, is not written out a million times.
    if _infer_texts(name, CellText(different), how, expected) is None:
        written = ["" if cell is None else _written(cell) for cell in cells]
        return _text_column(name, written, CellText(different))
    return infer_column(name, CellText(texts), how, expected)


def _infer_texts(name: str, cells: CellText, how: FileFormat, expected: Expected) -> Column | None:
    """Column of numbers or dates; None for texts."""
    if (numbers := read_numbers(cells, how, expected)) is not None:
        return _number_column(name, numbers, how)
    if (dates := read_dates(cells, how, expected=expected.order)) is not None:
        values = make_read_only(dates.values)
        return Column(name, "date", values, decisions=_about(name, dates.decisions))
    return None


def _number_column(name: str, numbers: Numbers, how: FileFormat) -> Column:
    values = _without(numbers.values, how.na_values)
    dates = dates_of_numbers(name, values) if how.parse_dates else None
    if dates is not None:
        values = make_read_only(dates.values)
        return Column(name, "date", values, decisions=_about(name, dates.decisions))
    return Column(
        name, "number", make_read_only(values), numbers.unit, _about(name, numbers.decisions)
    )


def _without(values: Array, na_values: Iterable[str]) -> Array:
    """Numbers (row,) with NaN for those that stand for none."""
    marks = [
        number for mark in na_values if (number := plain_numbers(CellText([mark]))) is not None
    ]
    return np.where(np.isin(values, np.concatenate(marks)), np.nan, values) if marks else values


def _about(name: str, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    return tuple(replace(decision, column=name) for decision in decisions)


def _floats(cells: Rows[CellValue]) -> Array:
    return np.array([np.nan if cell is None else float(cell) for cell in cells], float)


def _text_column(name: str, cells: Iterable[str], different: CellText) -> Column:
    """Column of texts; `different` holds every one of them at least once."""
    texts: list[str | None] = []
    seen: set[str] = set()
    source = iter(cells)
    while here := list(islice(source, CHUNK_CELLS)):
        # One object for each different text: a few of them take little memory.
        part: dict[str, str | None] = dict.fromkeys(here)
        part |= {cell: cell for cell in part if cell[:1] in VALUE_STARTS or not is_missing(cell)}
        texts += map(part.__getitem__, here)
        # Millions of different texts are not all remembered to be counted.
        if len(seen) <= MAX_CATEGORIES:
            seen.update(cell for cell in part.values() if cell is not None)
    is_short = all(len(text) <= _MAX_CATEGORY_LENGTH for text in seen)
    kind: ColumnKind = "category" if is_short and len(seen) <= MAX_CATEGORIES else "text"
    return Column(name, kind, np.array(texts, object), "", _why_text(name, texts, different))


def _why_text(name: str, texts: list[str | None], different: CellText) -> tuple[Decision, ...]:
    cell = first_misfit(different)
    if cell is None:
        return ()
    row = next(i for i, text in enumerate(texts, start=1) if text in (cell, as_written(cell)))
    shown = as_written(cell).strip()
    facts = {"cell": shown, "row": str(row)}
    return (Decision("text", "text", ("text", shown), name, False, facts),)


def _text(cell: str | float | bool) -> str:
    """A text as it is, and a number without a mark, so that it tells nothing of the texts."""
    if isinstance(cell, str):
        return cell
    return str(cell).lower() if isinstance(cell, bool) else without_mark(cell)


def _written(cell: str | float | bool) -> str:
    return cell if isinstance(cell, str) else str(cell).lower()
