"""JSON and JSON lines as a Table or a text, RFC 8259.

NaN and Infinity, which Python and NumPy write outside the RFC, are a missing value and an infinite
number.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.column import Column, infer_column
from rnnviz.inputs.source import check_cells, check_columns
from rnnviz.inputs.table import Table


def read_json(name: str, text: str, encoding: str = "utf-8") -> str | Table:
    """Text of a JSON document, or table of its numbers, rows, records or named columns.

    Raises InputError for other content, repeated names and too deep nesting.

    >>> read_json("a.json", '[{"x": 1, "y": 2}, {"x": 3}]').n_missing
    {'y': 1}
    """
    _check_count(name, text)
    content = _parsed(name, text, line=1)
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return Table(name, _list_columns(name, content), encoding)
    if isinstance(content, dict):
        return _object_content(name, content, encoding)
    raise _unexpected(name, content)


def read_jsonl(name: str, text: str, encoding: str = "utf-8") -> Table:
    """Table of JSON lines, a record, row or number per line; blank lines are skipped.

    Raises InputError, naming the line, for one that is not JSON.

    >>> read_jsonl("a.jsonl", '{"x": 1}\\n{"x": 2}\\n').n_rows
    2
    """
    _check_count(name, text)
    # Not splitlines: U+2028 may stand inside a JSON string.
    lines = enumerate(text.split("\n"), start=1)
    rows = [_parsed(name, line, number) for number, line in lines if line.strip()]
    return Table(name, _list_columns(name, rows), encoding)


def _parsed(name: str, text: str, line: int) -> Any:
    try:
        # As float, because Python refuses integers of more than 4300 digits.
        return json.loads(text, parse_int=float, object_pairs_hook=_reject_repeated_names)
    except json.JSONDecodeError as error:
        raise InputError(
            "“{name}” should be JSON, but line {line} breaks off at column {column}; correct it.",
            name=shown(name),
            line=line + error.lineno - 1,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise InputError(
            "“{name}” should be a list of numbers, rows or records, but is nested far deeper;"
            " flatten it.",
            name=shown(name),
        ) from error


def _reject_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise InputError(
            "Every name in a JSON object may come once, but “{name}” comes twice; rename one.",
            name=shown(counts.most_common(1)[0][0]),
        )
    return named


def _object_content(name: str, content: dict[str, Any], encoding: str) -> str | Table:
    values = list(content.values())
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    if not values or not all(isinstance(value, list) for value in values):
        raise _unexpected(name, content)
    check_columns(name, len(values))
    columns = tuple(_column(name, title, cells) for title, cells in content.items())
    return Table(name, columns, encoding)


def _list_columns(name: str, rows: list[Any]) -> tuple[Column, ...]:
    if rows and all(isinstance(row, dict) for row in rows):
        return _record_columns(name, rows)
    if rows and all(isinstance(row, list) for row in rows):
        return _row_columns(name, rows)
    return (_column(name, "value", rows),)


def _record_columns(name: str, records: list[dict[str, Any]]) -> tuple[Column, ...]:
    titles = tuple(dict.fromkeys(title for record in records for title in record))
    check_columns(name, len(titles))
    check_cells(name, len(titles) * len(records))
    if not titles:
        raise _unexpected(name, records[0])
    return tuple(
        _column(name, title, [record.get(title) for record in records]) for title in titles
    )


def _row_columns(name: str, rows: list[list[Any]]) -> tuple[Column, ...]:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise InputError(
                "Every row of “{name}” needs as many values as the first, {wanted}, but row {row}"
                " has {came}; correct it.",
                name=shown(name),
                wanted=len(rows[0]),
                row=number,
                came=len(row),
            )
    check_columns(name, len(rows[0]))
    cells = enumerate(zip(*rows, strict=True), start=1)
    return tuple(_column(name, f"column {i}", list(part)) for i, part in cells)


def _column(name: str, title: str, cells: list[Any]) -> Column:
    for cell in cells:
        if isinstance(cell, list | dict):
            raise _unexpected(name, cell)
    return infer_column(title, cells)


def _check_count(name: str, text: str) -> None:
    # Values are counted before they become Python objects of 30 bytes and more each.
    check_cells(name, sum(map(text.count, ",[{")))


def _unexpected(name: str, came: object) -> InputError:
    return InputError(
        "“{name}” should be a text, a list of numbers, rows or records, or an object of columns,"
        " but it holds {came} instead; rearrange it.",
        name=shown(name),
        came=type(came).__name__,
    )
