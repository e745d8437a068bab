"""The shapes of a cell's drawing, in pixels: plain data for whatever draws them."""

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
    """What stands for a node: a gate's box, an operation's sign, or the × of a gate's port."""

    node: str
    shape: Shape
    rect: Rect
    glyph: str = ""


@dataclass(frozen=True)
class Wire:
    """The way of a value from the node that has it to one that reads it.

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
    """Where a value goes more than one way."""

    node: str
    at: Point


@dataclass(frozen=True)
class Label:
    """A place for words: the baseline's start, middle or end."""

    node: str
    role: Role
    at: Point
    align: Align
    size: float


@dataclass(frozen=True)
class Strip:
    """Where the values of a node's units stand side by side."""

    node: str
    rect: Rect


@dataclass(frozen=True)
class Drawing:
    """All shapes of a cell's drawing, wires first; plain data for whatever draws them."""

    width: float
    height: float
    wires: tuple[Wire, ...]
    dots: tuple[Dot, ...]
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    strips: tuple[Strip, ...]
