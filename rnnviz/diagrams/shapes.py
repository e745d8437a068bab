"""Shapes of a cell's drawing, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.core.diagram import Align, Point

Role = Literal["name", "formula", "value", "note", "phrase", "token"]
Shape = Literal["box", "circle", "pill"]

GRID = 10
"""Pixels between two columns and between two rows of a picture of natural size."""


@dataclass(frozen=True)
class Rect:
    """A rectangle, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height


@dataclass(frozen=True)
class Box:
    """Box of a node: a gate, the sign of an operation, or the × where a gate scales a product."""

    node: str
    shape: Shape
    rect: Rect
    glyph: str = ""


@dataclass(frozen=True)
class Wire:
    """Wire from the node that has a value to a node that reads it.

    points  its corners.
    path    the same as SVG, corners rounded.
    tip     the arrowhead, a triangle as SVG.
    gate    the gate that the value has passed, "" for none: how wide the wire is.
    """

    source: str
    target: str
    points: tuple[Point, ...]
    path: str
    tip: str
    gate: str = ""


@dataclass(frozen=True)
class Dot:
    """Dot where wires of one value part."""

    node: str
    at: Point


@dataclass(frozen=True)
class Label:
    """Text label at the start, middle or end of its baseline."""

    node: str
    role: Role
    at: Point
    align: Align
    size: float


@dataclass(frozen=True)
class Strip:
    """Strip of colours for the values of a node's units."""

    node: str
    rect: Rect


@dataclass(frozen=True)
class Drawing:
    """All shapes of a cell's drawing, wires first."""

    width: float
    height: float
    wires: tuple[Wire, ...]
    dots: tuple[Dot, ...]
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    strips: tuple[Strip, ...]
