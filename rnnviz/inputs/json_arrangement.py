"""Columns of a JSON value: rows, records, named columns, and what `DataFrame.to_json` writes."""

from __future__ import annotations

from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.json_columns import (
    Arrangement,
    flattened,
    holds_more,
    indexed,
    label_text,
    plain_cells,
    readable,
    unexpected,
)
from rnnviz.inputs.json_envelope import are_equal, is_split, is_table_schema, opened
from rnnviz.inputs.json_objects import labelled_series, object_of_objects
from rnnviz.inputs.source import check_cells, check_columns
from rnnviz.inputs.titles import distinct_titles


def arrange(name: str, content: Any, orient: str | None = None) -> Arrangement:
    """Columns of a JSON value, or of the one table within it.

    orient  "columns" or "index" for an object of objects; None decides by its names and values.

    Raises InputError, naming what it holds instead, for other values.

    >>> arrange("a.json", [{"x": 1, "at": {"lon": 2.5}}]).columns
    {'x': [1], 'at.lon': [2.5]}
    >>> arrange("a.json", {"x": {"0": 1, "1": 2}}).columns
    {'x': [1, 2]}
    """
    keys, content = opened(content)
    arranged = _arranged(name, content, orient)
    if not keys:
        return arranged
    within = Decision("key", ".".join(keys))
    return Arrangement(arranged.columns, arranged.index, (within, *arranged.decisions))


def _arranged(name: str, content: Any, orient: str | None) -> Arrangement:
    if isinstance(content, list):
        return _list(name, content)
    if not isinstance(content, dict) or not content:
        raise unexpected(name, content)
    if is_table_schema(content):
        return _table(name, content)
    if is_split(content):
        return _split(name, content)
    return _named(name, content, orient)


def _named(name: str, content: dict[str, Any], orient: str | None) -> Arrangement:
    if all(isinstance(value, dict) for value in content.values()):
        return object_of_objects(name, content, orient)
    lists = {key: value for key, value in content.items() if isinstance(value, list)}
    others = {key: value for key, value in content.items() if isinstance(value, dict)}
    if not lists:
        return labelled_series(name, content)
    # Objects of plain values beside equal columns are facts about them.
    is_told = are_equal(list(lists.values())) and not any(map(holds_more, others.values()))
    if not all(map(holds_more, lists.values())) and (not others or is_told):
        arranged = _columns(name, lists)
        left = (Decision("unread", "dict", column=key) for key in others)
        return Arrangement(arranged.columns, arranged.index, (*arranged.decisions, *left))
    raise InputError(
        "“{name}” should hold one table, but {keys} may each be one; save the one you mean.",
        name=shown(name),
        keys=shown(", ".join(f"“{key}”" for key in content), limit=100),
    )


def _list(name: str, rows: list[Any]) -> Arrangement:
    present = [row for row in rows if row is not None]
    if present and all(isinstance(row, dict) for row in present):
        return _records(name, [row or {} for row in rows])
    if present and all(isinstance(row, list) for row in rows):
        return _rows(name, rows)
    return Arrangement({"value": plain_cells(name, rows)})


def _records(name: str, records: list[dict[str, Any]]) -> Arrangement:
    if any(isinstance(cell, dict) for record in records for cell in record.values()):
        records = [flattened(record) for record in records]
    titles = tuple(dict.fromkeys(title for record in records for title in record))
    check_columns(name, len(titles))
    check_cells(name, len(titles) * len(records))
    if not titles:
        raise unexpected(name, records[0])
    return readable(name, {title: [record.get(title) for record in records] for title in titles})


def _rows(name: str, rows: list[list[Any]]) -> Arrangement:
    n_columns = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != n_columns:
            raise InputError(
                "Every row of “{name}” needs as many values as the first, {wanted}, but row {row}"
                " has {came}; correct it.",
                name=shown(name),
                wanted=n_columns,
                row=number,
                came=len(row),
            )
    check_columns(name, n_columns)
    titles = [f"column {i}" for i in range(1, n_columns + 1)]
    decisions: tuple[Decision, ...] = ()
    if _is_header(rows):
        titles, rows, decisions = rows[0], rows[1:], (Decision("header", "0"),)
    parts = map(list, zip(*rows, strict=True))
    arranged = readable(name, dict(zip(titles, parts, strict=True)))
    return Arrangement(arranged.columns, "", (*decisions, *arranged.decisions))


def _is_header(rows: list[list[Any]]) -> bool:
    first = rows[0]
    are_names = all(isinstance(cell, str) and cell.strip() for cell in first)
    is_other = any(not isinstance(cell, str | None) for row in rows[1:2] for cell in row)
    return are_names and is_other and len(set(first)) == len(first)


def _columns(name: str, content: dict[str, list[Any]]) -> Arrangement:
    check_columns(name, len(content))
    return readable(name, content)


def _table(name: str, content: dict[str, Any]) -> Arrangement:
    """Frictionless Table Schema, as orient="table" writes it."""
    arranged = _list(name, content["data"])
    keys = content["schema"].get("primaryKey") or []
    keys = [keys] if isinstance(keys, str) else keys
    if not isinstance(keys, list) or len(keys) != 1 or keys[0] not in arranged.columns:
        return arranged
    columns = dict(arranged.columns)
    labels = columns.pop(keys[0])
    return indexed(labels, columns, arranged.decisions, keys[0])


def _split(name: str, content: dict[str, Any]) -> Arrangement:
    rows = content["data"]
    if "columns" not in content:
        columns = {str(content.get("name") or "value"): plain_cells(name, rows)}
        return indexed(content["index"], columns)
    titles, renamed = distinct_titles(label_text(title) for title in content["columns"])
    if not rows or not all(isinstance(row, list) and len(row) == len(titles) for row in rows):
        raise unexpected(name, rows, "data")
    check_columns(name, len(titles))
    parts = map(list, zip(*rows, strict=True))
    arranged = readable(name, dict(zip(titles, parts, strict=True)))
    labels = content.get("index", list(range(len(rows))))
    if not isinstance(labels, list) or len(labels) != len(rows):
        raise unexpected(name, labels, "index")
    return indexed(labels, arranged.columns, (*renamed, *arranged.decisions))
