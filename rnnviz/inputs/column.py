"""Columns of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_printable

if TYPE_CHECKING:
    from rnnviz.inputs.decision import Decision

ColumnKind = Literal["number", "category", "date", "text"]

MAX_CATEGORIES = 64


@dataclass(frozen=True, eq=False)
class Column:
    """Named values, one per row.

    values  (row,), read-only. number: float64, missing is NaN. date: datetime64[us], missing is
            NaT. category and text: str, missing is None.
    kind    "category" for at most MAX_CATEGORIES different short texts, "text" for others.
    unit    of the numbers, where the file gives one: "kg", "€", "%".
    decisions  what was decided in reading it.

    >>> Column("price", "number", [1.0, float("nan")]).n_missing
    1
    """

    name: str
    kind: ColumnKind
    values: Array
    unit: str = ""
    decisions: tuple[Decision, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.values))

    @property
    def is_missing(self) -> Array:
        """Mask (row,), True where a value is missing."""
        if self.kind == "number":
            return np.isnan(self.values)
        if self.kind == "date":
            return np.isnat(self.values)
        return np.array([value is None for value in self.values], bool)

    @property
    def n_missing(self) -> int:
        """Number of missing values."""
        return int(self.is_missing.sum())

    @property
    def counts_rows(self) -> bool:
        """True for the numbers of the rows, from 0 or from 1."""
        if self.kind != "number" or not len(self.values) or self.values[0] not in (0, 1):
            return False
        return bool((self.values - np.arange(len(self.values)) == self.values[0]).all())

    @property
    def categories(self) -> tuple[str, ...]:
        """Different texts in order of first appearance; empty for numbers and dates."""
        if self.kind in ("number", "date"):
            return ()
        return tuple(dict.fromkeys(value for value in self.values if value is not None))

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self.name, self.kind, self.values, self.unit, self.decisions)


def column_from_array(name: str, values: Array) -> Column:
    """Column of an array (row,) of numbers, booleans or dates.

    >>> column_from_array("x1", np.array([1, 2])).values.dtype
    dtype('float64')
    """
    check_printable(name)
    if values.dtype.kind == "M":
        return Column(name, "date", values.astype("datetime64[us]"))
    # A wider float may overflow to infinity, which is refused when the column is chosen.
    with np.errstate(over="ignore", invalid="ignore"):
        return Column(name, "number", values.astype(np.float64))
