"""Scatter plots: measurements of many sequences, or of many units, as points."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.core.arrays import Array


@dataclass(frozen=True, eq=False)
class ScatterSeries:
    """Points of one kind.

    name    for the legend.
    shade   a name of the theme's colours.
    x, y    (point,).
    labels  what each point is, for a pointer; () where nobody needs to know.
    """

    name: str
    colour: str
    x: Array
    y: Array
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ScatterPanel:
    """Series of points over common axes, and a line to measure them against.

    guide  from (x, y) to (x, y).
    low    where both axes begin; `high`, where they end.
    """

    title: str
    series: tuple[ScatterSeries, ...]
    guide: tuple[tuple[float, float], tuple[float, float]]
    low: float
    high: float
