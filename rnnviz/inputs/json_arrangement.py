"""Columns of a JSON value: rows, records, named columns, and all that `DataFrame.to_json` writes.

The names of the arrangements are those of pandas' `orient`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.kinds import likely_kind
from rnnviz.inputs.source import check_cells, check_columns

ORIENTS = ("columns", "index")
_MAX_NESTING = 8


@dataclass(frozen=True)
class Arrangement:
    """Cells by column name, not yet converted.

    index  the column of the rows' labels; "" where they are numbered alone.
    """

    columns: dict[str, list[Any]]
    index: str = ""
    decisions: tuple[Decision, ...] = field(default=())


def arrange(name: str, content: Any, orient: str | None = None) -> Arrangement:
    """Columns of a JSON value.

    orient  "columns" or "index" for an object of objects; None decides by its names and values.

    Raises InputError, naming what it holds instead, for other values.

    >>> arrange("a.json", [{"x": 1, "at": {"lon": 2.5}}]).columns
    {'x': [1], 'at.lon': [2.5]}
    >>> arrange("a.json", {"x": {"0": 1, "1": 2}}).columns
    {'x': [1, 2]}
    """
    keys: list[str] = []
    while len(keys) < _MAX_NESTING and (key := _wrapping_key(content)) is not None:
        keys.append(key)
        content = content[key]
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
    if _is_table(content):
        return _table(name, content)
    if _is_split(content):
        return _split(name, content)
    return _named(name, content, orient)


def _wrapping_key(content: Any) -> str | None:
    """Name of the one table among other facts, as web interfaces answer."""
    if not isinstance(content, dict) or _is_table(content) or _is_split(content):
        return None
    inside = [key for key, value in content.items() if isinstance(value, list | dict)]
    if len(inside) != 1:
        return None
    value = content[inside[0]]
    is_alone = len(content) == 1
    return inside[0] if _holds_more(value) or (isinstance(value, dict) and not is_alone) else None


def _holds_more(value: list[Any] | dict[str, Any]) -> bool:
    cells = value.values() if isinstance(value, dict) else value
    return any(isinstance(cell, list | dict) for cell in cells)


def unexpected(name: str, came: object, key: str = "") -> InputError:
    """Error for a value that is no table; `key` is the name under which it stands."""
    facts = {"name": shown(name), "came": type(came).__name__}
    if not key:
        return InputError(
            "“{name}” should be a text, a list of numbers, rows or records, or an object of"
            " columns, but it holds {came} instead; rearrange it.",
            **facts,
        )
    return InputError(
        "“{name}” should be a list of records or an object of columns, but under “{key}” it holds"
        " {came}; keep the numbers, texts and dates alone.",
        **facts,
        key=shown(key),
    )


def _named(name: str, content: dict[str, Any], orient: str | None) -> Arrangement:
    values = list(content.values())
    if all(isinstance(value, dict) for value in values):
        return _nested(name, content, orient)
    lists = {key: value for key, value in content.items() if isinstance(value, list)}
    if not lists:
        return _series(name, content)
    is_one = len(lists) == sum(isinstance(value, list | dict) for value in values)
    if is_one and not all(_holds_more(value) for value in lists.values()):
        return _columns(name, lists)
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
    return Arrangement({"value": _plain(name, rows)})


def _records(name: str, records: list[dict[str, Any]]) -> Arrangement:
    if any(isinstance(cell, dict) for record in records for cell in record.values()):
        records = [_flat(record) for record in records]
    titles = tuple(dict.fromkeys(title for record in records for title in record))
    check_columns(name, len(titles))
    check_cells(name, len(titles) * len(records))
    if not titles:
        raise unexpected(name, records[0])
    return _readable(name, {title: [record.get(title) for record in records] for title in titles})


def _flat(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Record whose objects are columns of their own: `{"at": {"lon": 1}}` is `{"at.lon": 1}`."""
    flat: dict[str, Any] = {}
    for title, cell in record.items():
        if isinstance(cell, dict) and cell and depth < _MAX_NESTING:
            flat |= _flat(cell, f"{prefix}{title}.", depth + 1)
        else:
            flat[f"{prefix}{title}"] = None if cell == {} else cell
    return flat


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
    arranged = _readable(name, dict(zip(titles, parts, strict=True)))
    return Arrangement(arranged.columns, "", (*decisions, *arranged.decisions))


def _is_header(rows: list[list[Any]]) -> bool:
    first = rows[0]
    are_names = all(isinstance(cell, str) and cell.strip() for cell in first)
    is_other = any(not isinstance(cell, str | None) for row in rows[1:2] for cell in row)
    return are_names and is_other and len(set(first)) == len(first)


def _columns(name: str, content: dict[str, list[Any]]) -> Arrangement:
    check_columns(name, len(content))
    return _readable(name, content)


def _series(name: str, content: dict[str, Any]) -> Arrangement:
    """One column by the labels of its rows, as `Series.to_json` writes it."""
    if not _are_labels(content):
        raise unexpected(name, content)
    _plain(name, list(content.values()))
    return _indexed(list(content), {"value": list(content.values())})


def _nested(name: str, content: dict[str, dict[str, Any]], orient: str | None) -> Arrangement:
    if any(map(_holds_more, content.values())):
        content = {title: _flat(value) for title, value in content.items()}
    inner = tuple(dict.fromkeys(key for value in content.values() for key in value))
    if not inner:
        raise unexpected(name, content)
    check_cells(name, len(inner) * len(content))
    decision = _orient(content, inner) if orient is None else None
    if (decision.chosen if decision else orient) == "columns":
        columns = {title: [cells.get(key) for key in inner] for title, cells in content.items()}
        labels = list(inner)
    else:
        columns = {key: [cells.get(key) for cells in content.values()] for key in inner}
        labels = list(content)
    check_columns(name, len(columns))
    arranged = _readable(name, columns)
    taken = (decision,) if decision and not decision.is_certain else ()
    return _indexed(labels, arranged.columns, (*taken, *arranged.decisions))


def _orient(content: dict[str, dict[str, Any]], inner: tuple[str, ...]) -> Decision:
    """Which names are those of the columns: labels of rows are numbers or dates."""
    are_outer_labels, are_inner_labels = _are_labels(content), _are_labels(inner)
    is_certain = are_outer_labels != are_inner_labels
    chosen = "index" if is_certain and are_outer_labels else "columns"
    if not is_certain:
        by_outer = all(_is_one_kind(cells.values()) for cells in content.values())
        by_inner = all(_is_one_kind(cells.get(key) for cells in content.values()) for key in inner)
        is_certain = by_outer != by_inner
        chosen = "index" if is_certain and by_inner else "columns"
    return Decision("orient", chosen, ORIENTS, is_certain=is_certain)


def _are_labels(names: Iterable[str]) -> bool:
    texts = list(names)
    # To the least digit: a name such as "2" beside "1" and "3".
    are_numbers = all(text.removeprefix("-").isdecimal() for text in texts)
    return are_numbers or all(likely_kind(text) == "date" for text in texts)


def _is_one_kind(cells: Iterable[Any]) -> bool:
    return len({isinstance(cell, str) for cell in cells if cell is not None}) < 2


def _is_table(content: dict[str, Any]) -> bool:
    schema = content.get("schema")
    has_fields = isinstance(schema, dict) and isinstance(schema.get("fields"), list)
    return has_fields and isinstance(content.get("data"), list)


def _table(name: str, content: dict[str, Any]) -> Arrangement:
    """Frictionless Table Schema, as orient="table" writes it."""
    arranged = _list(name, content["data"])
    keys = content["schema"].get("primaryKey") or []
    keys = [keys] if isinstance(keys, str) else keys
    if not isinstance(keys, list) or len(keys) != 1 or keys[0] not in arranged.columns:
        return arranged
    columns = dict(arranged.columns)
    labels = columns.pop(keys[0])
    return _indexed(labels, columns, arranged.decisions, keys[0])


def _is_split(content: dict[str, Any]) -> bool:
    data, names = content.get("data"), content.get("columns")
    known = {"columns", "index", "data", "name", "index_names", "column_names", "dtypes"}
    if not isinstance(data, list) or not set(content) <= known:
        return False
    return isinstance(names, list) or (names is None and isinstance(content.get("index"), list))


def _split(name: str, content: dict[str, Any]) -> Arrangement:
    rows = content["data"]
    if "columns" not in content:
        columns = {str(content.get("name") or "value"): _plain(name, rows)}
        return _indexed(content["index"], columns)
    titles = [_title(title) for title in content["columns"]]
    if not rows or not all(isinstance(row, list) and len(row) == len(titles) for row in rows):
        raise unexpected(name, rows, "data")
    check_columns(name, len(titles))
    parts = map(list, zip(*rows, strict=True))
    arranged = _readable(name, dict(zip(titles, parts, strict=True)))
    labels = content.get("index", list(range(len(rows))))
    if not isinstance(labels, list) or len(labels) != len(rows):
        raise unexpected(name, labels, "index")
    return _indexed(labels, arranged.columns, arranged.decisions)


def _title(title: Any) -> str:
    # Names of several levels are lists.
    return ".".join(map(str, title)) if isinstance(title, list) else str(title)


def _readable(name: str, columns: dict[str, list[Any]]) -> Arrangement:
    """Columns of plain cells; those with a list or an object in a cell are named."""
    unread = {
        title: cell
        for title, cells in columns.items()
        if (cell := next((cell for cell in cells if isinstance(cell, list | dict)), None))
        is not None
    }
    readable = {title: cells for title, cells in columns.items() if title not in unread}
    if unread and not readable:
        key, came = next(iter(unread.items()))
        raise unexpected(name, came, key)
    decisions = (
        Decision("unread", type(came).__name__, column=title) for title, came in unread.items()
    )
    return Arrangement(readable, "", tuple(decisions))


def _indexed(
    labels: list[Any],
    columns: dict[str, list[Any]],
    decisions: tuple[Decision, ...] = (),
    title: str = "index",
) -> Arrangement:
    if [str(label) for label in labels] == [str(i) for i in range(len(labels))]:
        return Arrangement(columns, "", decisions)
    while title in columns:
        title += "_"
    labels = [_title(label) if isinstance(label, list) else label for label in labels]
    return Arrangement({title: labels, **columns}, title, decisions)


def _plain(name: str, cells: list[Any]) -> list[Any]:
    for cell in cells:
        if isinstance(cell, list | dict):
            raise unexpected(name, cell)
    return cells
