"""How large a table may be."""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

MAX_CELLS = 5_000_000
MAX_COLUMNS = 1_000


def check_cells(name: str, n_cells: int) -> None:
    """Nothing, when a table of this many cells may be read.

    Raises InputError above MAX_CELLS.

    >>> check_cells("a.csv", 100)
    """
    if n_cells > MAX_CELLS:
        raise InputError(
            "A table may hold {bound} values, but “{name}” has more; choose a part of it.",
            bound=MAX_CELLS,
            name=shown(name),
        )


def check_columns(name: str, n_columns: int) -> None:
    """Nothing, when a table of this many columns may be read.

    Raises InputError above MAX_COLUMNS.

    >>> check_columns("a.csv", 3)
    """
    if n_columns > MAX_COLUMNS:
        raise InputError(
            "A table may have {bound} columns, but “{name}” has {came}; choose fewer.",
            bound=MAX_COLUMNS,
            name=shown(name),
            came=n_columns,
        )
