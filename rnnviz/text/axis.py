"""Column ▶ tokens: what stands under each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.checks import shown

if TYPE_CHECKING:
    from rnnviz.core.arrays import Array
    from rnnviz.inputs.column import Column


def axis_tokens(along: Column | None, n_rows: int) -> Array:
    """str (row,): the column's values, "?" where one is missing; row numbers without a column.

    Dates are ISO 8601, as short as all of them allow: the day alone when every time is midnight.

    >>> axis_tokens(None, 3).tolist()
    ['1', '2', '3']
    """
    if along is None:
        return np.arange(1, n_rows + 1).astype(str)
    texts = _dates(along.values) if along.kind == "date" else list(map(_token, along.values))
    return np.where(along.is_missing, "?", np.array(texts, object))


def _dates(dates: Array) -> Array:
    unit = _unit(dates[~np.isnat(dates)])
    return np.char.replace(dates.astype(f"datetime64[{unit}]").astype(str), "T", " ")


def _unit(present: Array) -> str:
    units = ("D", "m", "s")
    exact = (unit for unit in units if (present == present.astype(f"datetime64[{unit}]")).all())
    return next(exact, "us")


def _token(value: str | float | None) -> str:
    return f"{value:.15g}" if isinstance(value, float) else shown(value)
