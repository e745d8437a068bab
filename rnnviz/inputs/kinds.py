"""What a single cell looks like, whatever its column holds."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from rnnviz.inputs.cells import is_missing, plain, shape_of
from rnnviz.inputs.date_format import date_shape
from rnnviz.inputs.number_format import is_number

CellKind = Literal["missing", "number", "date", "text"]
_MAX_LOOKED_AT = 200


def likely_kind(cell: str) -> CellKind:
    """Kind of a cell by its shape.

    >>> [likely_kind(cell) for cell in ("1,5", "2024-01-05", "n/a", "north")]
    ['number', 'date', 'missing', 'text']
    """
    if is_missing(cell):
        return "missing"
    return "text" if len(cell) > _MAX_LOOKED_AT else _shape_kind(shape_of(plain(cell)))


@lru_cache(maxsize=4_096)
def _shape_kind(shape: str) -> CellKind:
    if is_missing(shape):
        return "missing"
    if is_number(shape):
        return "number"
    return "date" if date_shape(shape) is not None else "text"
