"""JSON and JSON lines as a Table or a text, RFC 8259."""

from __future__ import annotations

import math
from typing import Any

from rnnviz.inputs.column import Column
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.infer_column import infer_column
from rnnviz.inputs.json_arrangement import arrange
from rnnviz.inputs.json_columns import Arrangement
from rnnviz.inputs.json_text import parse_json, parse_json_lines
from rnnviz.inputs.table import Table


def read_json(
    name: str, text: str, encoding: str = "utf-8", how: FileFormat = AS_FOUND
) -> str | Table:
    """Text of a JSON document, or table of its numbers, rows, records or named columns.

    JSON lines and every arrangement that pandas writes are tables too.

    Raises InputError for other content, repeated names and too deep nesting.

    >>> read_json("a.json", '[{"x": 1, "y": 2}, {"x": 3}]').n_missing
    {'y': 1}
    """
    content = parse_json(name, text)
    if isinstance(content, str):
        return content
    if isinstance(content, dict) and len(content) == 1:
        only = next(iter(content.values()))
        if isinstance(only, str):
            return only
    return _table(name, arrange(name, content, how.orient), encoding, how)


def read_json_lines(
    name: str, text: str, encoding: str = "utf-8", how: FileFormat = AS_FOUND
) -> Table:
    """Table of JSON lines, a record, row or number per line; blank lines are skipped.

    Raises InputError, naming the line, for one that is not JSON.

    >>> read_json_lines("a.jsonl", '{"x": 1}\\n{"x": 2}\\n').n_rows
    2
    """
    return _table(name, arrange(name, parse_json_lines(name, text)), encoding, how)


def _table(name: str, arranged: Arrangement, encoding: str, how: FileFormat) -> Table:
    columns = (_column(title, cells, how) for title, cells in arranged.columns.items())
    return Table(name, tuple(columns), encoding, arranged.index, arranged.decisions)


def _column(title: str, cells: list[Any], how: FileFormat) -> Column:
    try:
        return infer_column(title, cells, how)
    except OverflowError:
        # Integers of more than 308 digits: as infinite as the same number with a point.
        return infer_column(title, [_bounded(cell) for cell in cells], how)


def _bounded(cell: Any) -> Any:
    is_above = isinstance(cell, int) and abs(cell) >= 2**1023
    return (math.inf if cell > 0 else -math.inf) if is_above else cell
