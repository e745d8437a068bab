"""Features of a column: missing values filled, numbers scaled, categories one-hot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.column import MAX_CATEGORIES, Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.core.arrays import Array

FillMethod = Literal["interpolate", "previous", "mean", "zero", "drop", "refuse"]


def fill_missing(values: Array, how: str) -> Array:
    """Values (time,) with every NaN filled; at least one must be present.

    interpolate  linear between the neighbours; at the ends, the nearest value.
    previous     the step before; at the start, the first value present.
    mean, zero   the mean of the values present; 0.

    >>> fill_missing(np.array([1.0, np.nan, 3.0]), "interpolate").tolist()
    [1.0, 2.0, 3.0]
    """
    gaps = np.isnan(values)
    return np.where(gaps, _FILL[how](values, gaps), values) if gaps.any() else values


def _interpolate(values: Array, gaps: Array) -> Array:
    steps = np.arange(len(values))
    return np.interp(steps, steps[~gaps], values[~gaps])


def _previous(values: Array, gaps: Array) -> Array:
    latest = np.maximum.accumulate(np.where(gaps, -1, np.arange(len(values))))
    first = int(np.argmin(gaps))
    result: Array = values[np.where(latest < 0, first, latest)]
    return result


_FILL: dict[str, Callable[[Array, Array], Array | float]] = {
    "interpolate": _interpolate,
    "previous": _previous,
    "mean": lambda values, gaps: values[~gaps].mean(),
    "zero": lambda values, gaps: 0.0,
}


def feature_values(column: Column, kept: Array, missing: str, scale: str) -> list[Array]:
    """Feature arrays, float64 (kept row,), one for every name in `feature_names`.

    A missing category is filled like a number, in each of its features.

    Raises InputError for numbers too large to scale.

    >>> price = Column("price", "number", [1.0, 2.0, 3.0])
    >>> feature_values(price, np.arange(3), "zero", "minmax")[0].tolist()
    [0.0, 0.5, 1.0]
    """
    if column.kind == "category":
        return [fill_missing(part[kept], missing) for part in _one_hot(column)]
    return [_scaled(fill_missing(column.values[kept], missing), scale, column.name)]


def feature_names(column: Column) -> list[str]:
    """Column name, or `column=value` for every value of a category.

    >>> feature_names(Column("sky", "category", np.array(["clear", "cloudy"], object)))
    ['sky=clear', 'sky=cloudy']
    """
    if column.kind == "category":
        return [f"{column.name}={category}" for category in column.categories]
    return [column.name]


def check_feature(column: Column) -> None:
    """Raise InputError for a column of dates, texts, infinite or only missing values.

    >>> check_feature(Column("price", "number", [1.0, 2.0]))
    """
    _check_kind(column)
    _check_some_value(column)
    _check_finite(column)


def _one_hot(column: Column) -> list[Array]:
    places = {category: place for place, category in enumerate(column.categories)}
    rows = np.array([-1 if one is None else places[one] for one in column.values])
    return [np.where(rows < 0, np.nan, rows == place) for place in places.values()]


def _scaled(values: Array, scale: str, name: str) -> Array:
    if scale == "none":
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        offset, size = _offset_and_scale(values, scale)
        result: Array = (values - offset) / (size or 1.0)
    # An infinite deviation would scale everything to a plausible zero.
    if not np.isfinite([offset, size]).all() or not np.isfinite(result).all():
        raise InputError(
            "Column “{name}” holds numbers too large to scale; divide them or choose no scaling.",
            name=shown(name),
        )
    return result


def _offset_and_scale(values: Array, scale: str) -> tuple[float, float]:
    if values.min() == values.max():
        # Rounding in the mean would otherwise leave a constant with a tiny deviation.
        return float(values[0]), 1.0
    if scale == "standard":
        return float(values.mean()), float(values.std())
    return float(values.min()), float(values.max() - values.min())


def _check_kind(column: Column) -> None:
    if column.kind == "date":
        raise InputError(
            "Column “{name}” holds dates, which cannot be a feature; use it as the axis.",
            name=shown(column.name),
        )
    if column.kind == "text":
        raise InputError(
            "A column of categories may hold {bound} different short texts, but “{name}” holds"
            " {came} or long ones; choose another column.",
            bound=MAX_CATEGORIES,
            name=shown(column.name),
            came=len(column.categories),
        )


def _check_some_value(column: Column) -> None:
    if column.n_missing == len(column.values):
        raise InputError(
            "Column “{name}” should hold values, but all {count} are missing;"
            " choose another column.",
            name=shown(column.name),
            count=column.n_missing,
        )


def _check_finite(column: Column) -> None:
    if column.kind == "number" and np.isinf(column.values).any():
        raise InputError(
            "Column “{name}” should hold finite numbers, but row {row} is infinite or above"
            " 1e308; correct it or choose another column.",
            name=shown(column.name),
            row=int(np.argmax(np.isinf(column.values))) + 1,
        )
