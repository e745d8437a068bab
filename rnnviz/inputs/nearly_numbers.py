"""Why a column that looks numeric is not read as numbers."""

from __future__ import annotations

from collections import Counter

import regex

from rnnviz.inputs.cells import SEPARATOR, CellText, is_missing, plain, shape_of
from rnnviz.inputs.number_format import is_number, number_format

_SAMPLE = 10_000
# Ranges, bounds, mixed units, durations, fractions, angles, lists: what a person calls a number,
# and a column of numbers cannot hold.
_LIKE_NUMBERS = regex.compile(
    r"[-+<>≤≥~≈±=(▲▼△▽↑↓#]*+ ?\p{Sc}?+ ?0[0.,' eE×^*±()+-]*+\p{L}{0,4}%?"
    r"|[-+]?0++(?::00){1,2}(?:[.,]0++)?|[-+]?0++(?:_000)++(?:[.,]0*+)?|[-+]?(?:0++ )?0++ ?/ ?0++"
    r"|(?:0++ ?(?:[dhms]|min|sec|days?) ?)+(?:0++(?::00)++)?"
    r"|P(?=T?0)(?:[0.]++[YMWD])*+(?:T(?:[0.]++[HMS])++)?"
    r"|[-+]?0++ ?°.*+|0[xX][0-9A-Fa-f]++|[-+]?0\.#\p{L}++"
    r"|[\[({](?=[^0]*0)[-+0., ije\[\](){}]*[\])}]"
)


def first_misfit(cells: CellText) -> str | None:
    """First cell that is no number; None unless at least half of the cells look like numbers.

    >>> first_misfit(CellText(["1.5", "2.5", "broken"]))
    'broken'
    >>> first_misfit(CellText(["north", "south"])) is None
    True
    """
    shapes = Counter(_first_shapes(cells))
    n_like = sum(count for shape, count in shapes.items() if _LIKE_NUMBERS.fullmatch(shape))
    if not n_like or 2 * n_like < shapes.total():
        return None
    usual = next((shape for shape, _ in shapes.most_common() if is_number(shape)), "")
    marks = [mark for mark in ".," if usual and number_format([usual], mark)]
    decimal = max(marks, key=lambda mark: _n_fitting(shapes, usual, mark), default=".")
    for cell in cells:
        shape = shape_of(plain(cell))
        if not is_missing(shape) and number_format([usual, shape], decimal) is None:
            return cell
    return next(iter(cells))


def _first_shapes(cells: CellText) -> list[str]:
    if not cells.chunks:
        return []
    chunk = cells.chunks[0].split(SEPARATOR)[:_SAMPLE]
    shapes = shape_of(plain(SEPARATOR.join(chunk))).split(SEPARATOR)
    return [shape for shape in shapes if not is_missing(shape)]


def _n_fitting(shapes: Counter[str], usual: str, decimal: str) -> int:
    return sum(n for shape, n in shapes.items() if number_format([usual, shape], decimal))
