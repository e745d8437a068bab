"""Columns of plain cells out of JSON values, and what is said of those that hold more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.decision import Decision

_MAX_NESTING = 8


@dataclass(frozen=True)
class Arrangement:
    """Cells by column name, not yet converted.

    index  the column of the rows' labels; "" where they are numbered alone.
    """

    columns: dict[str, list[Any]]
    index: str = ""
    decisions: tuple[Decision, ...] = field(default=())


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


def holds_more(value: list[Any] | dict[str, Any]) -> bool:
    """True for a list or an object with another list or object in it."""
    cells = value.values() if isinstance(value, dict) else value
    return any(isinstance(cell, list | dict) for cell in cells)


def flattened(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Record whose objects are columns of their own: `{"at": {"lon": 1}}` is `{"at.lon": 1}`."""
    flat: dict[str, Any] = {}
    for title, cell in record.items():
        if isinstance(cell, dict) and cell and depth < _MAX_NESTING:
            flat |= flattened(cell, f"{prefix}{title}.", depth + 1)
        else:
            flat[f"{prefix}{title}"] = None if cell == {} else cell
    return flat


def label_text(title: Any) -> str:
    """Name of a column or a row as text."""
    # Names of several levels are lists.
    return ".".join(map(str, title)) if isinstance(title, list) else str(title)


def readable(name: str, columns: dict[str, list[Any]]) -> Arrangement:
    """Columns of plain cells; those with a list or an object in a cell are named.

    Raises InputError where there are only such.
    """
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


def indexed(
    labels: list[Any],
    columns: dict[str, list[Any]],
    decisions: tuple[Decision, ...] = (),
    title: str = "index",
) -> Arrangement:
    """Columns with the labels of their rows as one more, unless these only count the rows."""
    if [str(label) for label in labels] == [str(i) for i in range(len(labels))]:
        return Arrangement(columns, "", decisions)
    while title in columns:
        title += "_"
    labels = [label_text(label) if isinstance(label, list) else label for label in labels]
    return Arrangement({title: labels, **columns}, title, decisions)


def plain_cells(name: str, cells: list[Any]) -> list[Any]:
    """Cells without a list or an object. Raises InputError for one of these."""
    for cell in cells:
        if isinstance(cell, list | dict):
            raise unexpected(name, cell)
    return cells
