"""Objects of objects and of plain values in JSON: which names are those of the columns.

The names of the arrangements are those of pandas' `orient`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rnnviz.inputs.decision import Decision
from rnnviz.inputs.json_columns import (
    Arrangement,
    flattened,
    holds_more,
    indexed,
    plain_cells,
    readable,
    unexpected,
)
from rnnviz.inputs.kinds import likely_kind
from rnnviz.inputs.source import check_cells, check_columns

ORIENTS = ("columns", "index")


def labelled_series(name: str, content: dict[str, Any]) -> Arrangement:
    """One column by the labels of its rows, as `Series.to_json` writes it."""
    if not _are_labels(content):
        raise unexpected(name, content)
    plain_cells(name, list(content.values()))
    return indexed(list(content), {"value": list(content.values())})


def object_of_objects(
    name: str, content: dict[str, dict[str, Any]], orient: str | None
) -> Arrangement:
    """Columns of objects that are columns, or rows, by their names.

    Raises InputError for objects without a name and for too many cells or columns.
    """
    if any(map(holds_more, content.values())):
        content = {title: flattened(value) for title, value in content.items()}
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
    arranged = readable(name, columns)
    taken = (decision,) if decision and not decision.is_certain else ()
    return indexed(labels, arranged.columns, (*taken, *arranged.decisions))


def _orient(content: dict[str, dict[str, Any]], inner: tuple[str, ...]) -> Decision:
    """Decision which names are those of the columns: labels of rows are numbers or dates."""
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
