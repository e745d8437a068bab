"""Rows that repeat the column names, as loggers begin anew and files are put behind each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from rnnviz.inputs.decision import Decision


def without_repeated_names(
    columns: list[list[str]], names: Sequence[str]
) -> tuple[list[list[str]], int]:
    """Columns of cells without the rows that hold the names, and how many these are.

    >>> without_repeated_names([["1", "x", "2"], ["3", "y", "4"]], ("x", "y"))
    ([['1', '2'], ['3', '4']], 1)
    """
    # A text may be what its column is called; a whole row of them is a header.
    if len(names) < 2 or any(name not in cells for name, cells in zip(names, columns, strict=True)):
        return columns, 0
    kept = [row != tuple(names) for row in zip(*columns, strict=True)]
    return [list(compress(cells, kept)) for cells in columns], kept.count(False)


def about_repeated_names(count: int) -> list[Decision]:
    """Decision about such rows, or none."""
    return [Decision("repeated_names", str(count))] if count else []
