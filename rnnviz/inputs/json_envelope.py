"""The one table in a JSON value, among the facts that web interfaces put beside it."""

from __future__ import annotations

from typing import Any

from rnnviz.inputs.json_columns import holds_more
from rnnviz.inputs.source import MAX_COLUMNS

_MAX_NESTING = 8
# Under which the names of columns stand beside their rows.
_NAMES = ("columns", "column_names", "columnNames", "fields", "names", "header", "headers", "keys")
_NAME = ("name", "id", "label", "key", "title", "text")


def opened(content: Any) -> tuple[list[str], Any]:
    """The names that lead to the one table of a value, and the table.

    >>> opened({"meta": {"unit": "m"}, "data": {"items": [{"x": 1}], "total": 1}})
    (['data', 'items'], [{'x': 1}])
    >>> opened({"fields": ["x", "y"], "values": [[1, 2], [3, 4], [5, 6]]})[1]["columns"]
    ['x', 'y']
    """
    keys: list[str] = []
    while len(keys) < _MAX_NESTING:
        if isinstance(content, dict) and len(content) > MAX_COLUMNS:
            # Columns or rows by their names: facts beside a table are few.
            break
        content = _as_split(content)
        key = _wrapping_key(content)
        if key is None:
            break
        keys.append(str(key))
        content = content[key]
    return keys, content


def are_equal(lists: list[list[Any]]) -> bool:
    """True for lists of one length."""
    return len(set(map(len, lists))) == 1


def is_table_schema(content: dict[str, Any]) -> bool:
    """True for a Frictionless Table Schema with its data."""
    schema = content.get("schema")
    has_fields = isinstance(schema, dict) and isinstance(schema.get("fields"), list)
    return has_fields and isinstance(content.get("data"), list)


def is_split(content: dict[str, Any]) -> bool:
    """True for what pandas writes as orient="split"."""
    data, names = content.get("data"), content.get("columns")
    known = {"columns", "index", "data", "name", "index_names", "column_names", "dtypes"}
    if not isinstance(data, list) or not set(content) <= known:
        return False
    return isinstance(names, list) or (names is None and isinstance(content.get("index"), list))


def _wrapping_key(content: Any) -> str | int | None:
    """Name, or place, of the one table among other facts."""
    if isinstance(content, list):
        return _place_of_rows(content)
    if not isinstance(content, dict) or is_table_schema(content) or is_split(content):
        return None
    inside: dict[str, Any] = {k: v for k, v in content.items() if isinstance(v, list | dict)}
    if len(inside) == 1:
        ((key, value),) = inside.items()
        is_table = holds_more(value) or (isinstance(value, dict) and len(content) > 1)
        return key if is_table else None
    lists = [value for value in inside.values() if isinstance(value, list)]
    if lists and len(lists) == len(inside) and are_equal(lists):
        return None
    tables = [key for key, value in inside.items() if _n_tables(value, _MAX_NESTING)]
    if not tables and lists:
        # One series beside facts alone.
        tables = [key for key, value in inside.items() if isinstance(value, list) and value]
    return tables[0] if len(tables) == 1 else None


def _place_of_rows(content: list[Any]) -> int | None:
    """Place of the records behind facts about them, as in [{"page": 1}, [{"x": 1}, {"x": 2}]]."""
    places = [i for i, value in enumerate(content[:3]) if isinstance(value, list)]
    is_pair = len(content) == 2 and len(places) == 1
    if not is_pair or not isinstance(content[1 - places[0]], dict):
        return None
    return places[0] if _n_tables(content[places[0]], 1) else None


def _n_tables(value: Any, depth: int) -> int:
    """Number of tables within a value: records, rows, equal columns, objects alike."""
    if isinstance(value, list):
        return int(_are_records(value) or _are_rows(value))
    if not isinstance(value, dict) or not depth:
        return 0
    lists = [cells for cells in value.values() if isinstance(cells, list)]
    if len(lists) > 1 and are_equal(lists) and len(lists[0]) > 1:
        return 1
    objects = [cells for cells in value.values() if isinstance(cells, dict)]
    if len(objects) > 1 and len(objects) == len(value) and len({*map(tuple, objects)}) == 1:
        return 1
    return sum(_n_tables(cells, depth - 1) for cells in (*lists, *objects))


def _are_records(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(row, dict) for row in value)


def _are_rows(value: list[Any]) -> bool:
    are_lists = bool(value) and all(isinstance(row, list) for row in value)
    return are_lists and are_equal(value) and not any(map(holds_more, value))


def _as_split(content: Any) -> Any:
    """Names beside rows as pandas' orient="split" writes them; other values as they are."""
    if not isinstance(content, dict) or is_table_schema(content) or is_split(content):
        return content
    rows = [value for value in content.values() if isinstance(value, list) and _are_rows(value)]
    names = [_column_names(content[key]) for key in _NAMES if key in content]
    if len(rows) != 1 or len(names) != 1 or len(names[0]) != len(rows[0][0]):
        return content
    return {"columns": names[0], "data": rows[0]}


def _column_names(value: Any) -> list[str]:
    """Names in a list of them, or of objects that have one; empty for another value."""
    if not isinstance(value, list):
        return []
    named = [_own_name(each) if isinstance(each, dict) else each for each in value]
    return [each for each in named if isinstance(each, str)]


def _own_name(described: dict[str, Any]) -> Any:
    return next((described[key] for key in _NAME if key in described), None)
