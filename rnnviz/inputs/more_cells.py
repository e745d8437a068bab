"""Rows with more cells than their header has names: an index, or decimal commas without quotes."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.delimited import Record
from rnnviz.inputs.kinds import CellKind, likely_kind


def about_more_cells(
    name: str, header: Record, rows: Sequence[Record], kinds: Sequence[CellKind]
) -> tuple[Decision, ...]:
    """What is taken for granted where comma-separated rows have more cells than the header.

    R writes row names under no name. Unquoted numbers that count the rows may be these, or whole
    parts of numbers with a decimal comma.

    Raises InputError where the cells can be no row names.
    """
    came, wanted = len(kinds), len(header.cells)
    if not wanted < came <= 2 * wanted or set(kinds) != {"number"} or not _are_names(header):
        return ()
    first = [row.cells[0].strip() for row in rows if len(row.cells) == came]
    if came == wanted + 1 and all(row.text.startswith('"') for row in rows):
        return ()
    if came == wanted + 1 and first in (_counted(0, len(first)), _counted(1, len(first))):
        facts = {"names": str(wanted)}
        return (Decision("more_cells", str(came), (str(came),), "", False, facts),)
    raise InputError(
        "The rows of “{name}” should have as many values as the line of column names, {wanted}, but"
        " have {came}; put quotes around numbers with a decimal comma or semicolons between the"
        " columns, or say that no line holds names with header=None.",
        name=shown(name),
        wanted=wanted,
        came=came,
    )


def _are_names(record: Record) -> bool:
    return all(likely_kind(cell) == "text" for cell in record.cells)


def _counted(first: int, n_rows: int) -> list[str]:
    return [str(i) for i in range(first, first + n_rows)]
