"""Numbers that stand for no value, as weather services and measuring programs write them."""

from __future__ import annotations

from collections.abc import Sequence as Rows

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.inputs.column import Column
from rnnviz.inputs.decision import Decision

# DWD, NOAA GSOD and ISD, ECMWF, NASA POWER, ESRI grids; -200 in UCI's Air Quality.
_SENTINELS = (
    *(
        -9.99,
        -99.0,
        -99.9,
        -99.99,
        -200.0,
        -999.0,
        -999.9,
        -9999.0,
        -9999.9,
        -99999.0,
        -32768.0,
        -8888.0,
        -7777.0,
    ),
    *(99.99, 999.0, 999.9, 9999.0, 9999.9, 99999.0, 99999.9, 999999.0),
)
_MIN_GAP = 2  # ranges of the other values that it stands apart from them
_MIN_REST = 2
_CERTAINLY_BELOW = -999
_MAX_NAMED = 5


def about_sentinels(columns: Rows[Column]) -> tuple[Decision, ...]:
    """A question for every number that stands far apart from the other values of a column.

    >>> temperature = Column("t", "number", [12.5, -999.0, 13.0])
    >>> print(*about_sentinels([temperature]))
    “-999” in t is read as a number; it often stands for a missing value.
    """
    numbers = [column for column in columns if column.kind == "number"]
    found: dict[float, list[str]] = {}
    for column in numbers:
        for value in _apart(column.values):
            found.setdefault(value, []).append(column.name)
    for column in numbers:
        for value in (float(np.fmin.reduce(column.values)), float(np.fmax.reduce(column.values))):
            # A column of nothing else, or one where another shows what its end stands for.
            is_alone = value <= _CERTAINLY_BELOW and bool((column.values == value).all())
            names = found.get(value, [])
            if column.name not in names and (names or (is_alone and value in _SENTINELS)):
                found.setdefault(value, []).append(column.name)
    return tuple(_question(value, names) for value, names in found.items())


def _apart(values: Array) -> list[float]:
    rest, found = values[~np.isnan(values)], []
    while len(rest):
        ends = (float(rest.min()), float(rest.max()))
        here = [value for value in ends if value in _SENTINELS]
        if not here:
            break
        found += here
        rest = rest[~np.isin(rest, here)]
    if not found or len(rest) < _MIN_REST:
        return []
    first, last = float(rest.min()), float(rest.max())
    gap = _MIN_GAP * (last - first)
    return [value for value in dict.fromkeys(found) if value < first - gap or value > last + gap]


def _question(value: float, names: list[str]) -> Decision:
    written = f"{value:g}"
    listed = ", ".join(names[:_MAX_NAMED]) + ", …" * (len(names) > _MAX_NAMED)
    facts = {"cell": written, "columns": listed}
    return Decision("sentinel", "number", ("number", written), "", False, facts)
