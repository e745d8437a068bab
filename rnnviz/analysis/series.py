"""Series of numbers over one axis, one or more lines in a panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.core.arrays import Array, read_only
from rnnviz.errors import InputError

LineStyle = Literal["line", "rule", "points"]


@dataclass(frozen=True, eq=False)
class LineSeries:
    """One line.

    name    what it is: `course.<name>` in the words.
    colour  its name in the theme.
    x, y    (point,); y is a power of ten where the view is logarithmic. Where a value is not finite
            the line is broken.
    style   "line"; "rule", dashed, for what a formula says; "points".
    """

    name: str
    colour: str
    x: Array
    y: Array
    style: LineStyle = "line"

    def __post_init__(self) -> None:
        x, y = read_only(self.x), read_only(self.y)
        if x.ndim != 1 or x.shape != y.shape:
            raise InputError(
                "A line needs as many x as y, one axis each, but {x} and {y} came.",
                x=x.shape,
                y=y.shape,
            )
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)


@dataclass(frozen=True)
class LinePanels:
    """Panels one under the other over one axis.

    panels          the lines of each.
    axis            what x is: `course.axis.<axis>` in the words.
    low, high       of every panel's y axis.
    is_logarithmic  whether y holds powers of ten.
    tokens          a label for every whole x from 0, where x is a step.
    is_trained      False when the weights are random; True also where there are none.
    """

    panels: tuple[tuple[LineSeries, ...], ...]
    axis: str
    low: float
    high: float
    is_logarithmic: bool = False
    tokens: tuple[str, ...] = ()
    is_trained: bool = True
