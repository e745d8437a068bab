"""Workbooks of Excel and LibreOffice as a Table: a sheet's cells are read as CSV is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from itertools import groupby
from typing import Any

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, MissingLibraryError
from rnnviz.inputs.column import Column
from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.kinds import likely_kind
from rnnviz.inputs.real_numbers import as_written, without_mark
from rnnviz.inputs.source import check_cells, check_columns, check_unpacked_size
from rnnviz.inputs.table import Table
from rnnviz.inputs.workbook_check import (
    Contents,
    check_workbook,
    damaged_workbook,
    protected_workbook,
)

# Not the comma: what is comma-separated, programs wrote, with decimal points in its texts.
_DELIMITER = "\t"
_MAX_OPTIONS = 20
_MAX_LOOKED_AT = 30
_LOOKED_AT_BYTES = 30_000_000
_HEAD_ROWS = 100
_ROWS_AT_ONCE = 1_000
_MIN_RUN = 3  # numbers or dates below each other
_TYPED_NUMBER = re.compile(r"[0-9][.,'’ \u00a0\u202f][0-9]")


def read_workbook(name: str, data: bytes, how: FileFormat) -> Table:
    """Table of a workbook's sheet; by default the first that is shown and holds a table.

    Formulas give the results kept in the file, and a cell merged down its column fills it.

    Raises InputError for a damaged, protected or too large workbook and for a sheet that is not in
    it; MissingLibraryError without python-calamine.
    """
    calamine = _calamine()
    contents = check_workbook(name, data)
    try:
        with calamine.load_workbook(BytesIO(data)) as workbook:
            sheet, decisions = _sheet(name, workbook, calamine, contents, how.sheet)
            text, is_plain = _as_csv(name, sheet)
    except calamine.PasswordError as error:
        raise protected_workbook(name) from error
    except calamine.CalamineError as error:
        raise damaged_workbook(name) from error
    how = replace(how, sep=_DELIMITER)
    if is_plain and how.decimal is None:
        how = replace(how, decimal=".", thousands="")
    table = read_csv(name, text, "", how)
    if not is_plain:
        table = replace(table, columns=tuple(map(_as_held, table.columns)))
    if contents.n_formulas:
        decisions = (*decisions, Decision("formulas", str(contents.n_formulas), is_certain=False))
    # The delimiter is of this module's text, not of the file.
    rest = (one for one in table.file_decisions if one.name != "delimiter")
    return replace(table, encoding="", file_decisions=(*decisions, *rest))


def _sheet(
    name: str, workbook: Any, calamine: Any, contents: Contents, told: str | None
) -> tuple[Any, tuple[Decision, ...]]:
    kinds, views = calamine.SheetTypeEnum, calamine.SheetVisibleEnum
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == kinds.WorkSheet]
    if told is not None:
        if told not in [sheet.name for sheet in sheets]:
            raise InputError(
                "“{name}” should have the sheet “{came}”, but it has {sheets}; choose one of them.",
                name=shown(name),
                came=shown(told),
                sheets=shown(", ".join(f"“{sheet.name}”" for sheet in sheets), limit=200),
            )
        return _told_sheet(name, workbook, told), ()
    visible = [sheet.name for sheet in sheets if sheet.visible == views.Visible]
    # Many sheets may be one large part, read again for each.
    n_read = max(1, _LOOKED_AT_BYTES // max(contents.size, 1))
    looked_at = visible[: min(n_read, _MAX_LOOKED_AT)]
    filled: list[str] = []
    tables: list[str] = []
    held: dict[bool, Any] = {}
    for title in looked_at:
        sheet = workbook.get_sheet_by_name(title)
        if sheet.start is not None:
            is_table = _holds_table(name, sheet)
            filled.append(title)
            tables += [title] if is_table else []
            held.setdefault(is_table, sheet)
    if not filled:
        raise _without_values(name)
    chosen = (tables or filled)[0]
    sheet = held[bool(tables)]
    others = (*filled, *visible[len(looked_at) :])
    options = tuple(dict.fromkeys((chosen, *others[:_MAX_OPTIONS])))
    if len(options) < 2:
        return sheet, ()
    is_certain = len(tables) == 1 and len(others) == len(filled)
    return sheet, (Decision("sheet", chosen, options, is_certain=is_certain),)


def _told_sheet(name: str, workbook: Any, title: str) -> Any:
    sheet = workbook.get_sheet_by_name(title)
    if sheet.start is None:
        raise _without_values(name)
    return sheet


def _without_values(name: str) -> InputError:
    return InputError("“{name}” holds no values; choose a file with some.", name=shown(name))


def _holds_table(name: str, sheet: Any) -> bool:
    """True for a sheet with some numbers or dates below each other, unlike a title or a note."""
    check_columns(name, sheet.width)
    check_cells(name, sheet.width * sheet.height)
    head = sheet.to_python(skip_empty_area=True, nrows=_HEAD_ROWS)
    return any(_longest_run(map(_is_value, cells)) >= _MIN_RUN for cells in zip(*head, strict=True))


def _is_value(cell: Any) -> bool:
    is_typed = isinstance(cell, float | int | date | time | timedelta)
    return is_typed or (isinstance(cell, str) and likely_kind(cell) in ("number", "date"))


def _longest_run(are: Iterable[bool]) -> int:
    return max((sum(1 for _ in run) for is_one, run in groupby(are) if is_one), default=0)


def _as_csv(name: str, sheet: Any) -> tuple[str, bool]:
    """Text of a sheet, and True where its numbers alone have points or commas."""
    rows = list(_unmerged(sheet) if sheet.merged_cell_ranges else _rows(sheet))
    texts = {cell for row in rows for cell in row if type(cell) is str}
    is_plain = not any(map(_TYPED_NUMBER.search, texts))
    is_written = is_plain and {type(cell) for row in rows for cell in row} <= {float, str}
    write = _plain_text if is_plain else _text
    stream = StringIO(newline="")
    writer = csv.writer(stream, delimiter=_DELIMITER, lineterminator="\n")
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        writer.writerows(part if is_written else (map(write, row) for row in part))
        check_unpacked_size(name, stream.tell())
    return stream.getvalue(), is_plain


def _plain_text(cell: Any) -> Any:
    # What csv writes as it stands: a float as Python does.
    return cell if type(cell) in (float, str) else _text(cell)


def _unmerged(sheet: Any) -> Iterator[list[Any]]:
    """Rows whose cells merged down one column all hold the value of the first."""
    top, left = sheet.start
    below: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, end) in sheet.merged_cell_ranges or ():
        if column == end and last > first:
            below.setdefault(first - top, []).append((column - left, last - top))
    held: dict[int, tuple[int, Any]] = {}
    for number, row in enumerate(_rows(sheet)):
        held = {column: (last, cell) for column, (last, cell) in held.items() if last >= number}
        for column, (_, cell) in held.items():
            row[column] = cell
        for column, last in below.get(number, ()):
            if 0 <= column < len(row):
                held[column] = (last, row[column])
        yield row


def _rows(sheet: Any) -> Iterable[list[Any]]:
    # iter_rows begins at the first row, to_python at the first with a cell.
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=True)
    return rows


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, timedelta):
        return _duration(cell)
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else without_mark(value)


def _as_held(column: Column) -> Column:
    """Column whose name and texts show numbers as Python writes them."""
    name = as_written(column.name)
    decisions = tuple(replace(decision, column=name) for decision in column.decisions)
    column = replace(column, name=name, decisions=decisions)
    if column.kind in ("number", "date"):
        return column
    texts = [None if text is None else as_written(text) for text in column.values]
    return replace(column, values=np.array(texts, object))


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _calamine() -> Any:
    try:
        import python_calamine
    except ImportError as error:
        raise MissingLibraryError(
            "Reading Excel needs python-calamine, which is not installed;"
            ' install it with: pip install "rnnviz[app]"'
        ) from error
    return python_calamine
