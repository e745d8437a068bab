"""The paper of a still picture: where a figure's axes lie on it, in pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.arrays import Array


@dataclass(frozen=True)
class Span:
    """Where an axis lies on the paper, from its value `low` at `start` to `high` at `end`."""

    start: float
    end: float
    low: float
    high: float

    def at(self, value: Any) -> Any:
        """Where a value stands, in pixels."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class Paper:
    """The figure's layout in pixels."""

    def __init__(self, figure: go.Figure, width: int) -> None:
        layout = figure.layout
        margin = layout.margin
        self.figure, self.width = figure, width
        self.height = layout.height or 360
        self.left, self.top = margin.l or 60, margin.t or 40
        self.inner = width - self.left - (margin.r if margin.r is not None else 30)
        self.deep = self.height - self.top - (margin.b if margin.b is not None else 40)

    def axis(self, name: str | None, letter: str) -> Any:
        """The layout of an axis by its name, "x2"."""
        return self.figure.layout[f"{letter}axis{(name or letter)[1:]}"]

    def x(self, name: str | None) -> Span:
        """Where an axis of x lies, from left to right."""
        low, high = self.axis(name, "x").domain or (0, 1)
        return Span(
            self.left + low * self.inner, self.left + high * self.inner, *self._range(name, "x")
        )

    def y(self, name: str | None) -> Span:
        """Where an axis of y lies, from the bottom up."""
        low, high = self.axis(name, "y").domain or (0, 1)
        bottom = self.top + self.deep
        return Span(bottom - low * self.deep, bottom - high * self.deep, *self._range(name, "y"))

    def _range(self, name: str | None, letter: str) -> tuple[float, float]:
        axis = self.axis(name, letter)
        if axis.range:
            return float(axis.range[0]), float(axis.range[1])
        values = np.concatenate([*self._values(name, letter)] or [np.zeros(1)])
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        kinds = {trace.type for trace in self.figure.data}
        edge = 0.5 if (letter == "x" and "bar" in kinds) or "heatmap" in kinds else 0.0
        if axis.rangemode == "tozero" or (letter == "y" and "bar" in kinds):
            low, high = min(low, 0.0), max(high, 0.0)
        edge = edge or 0.04 * (high - low) or 0.5
        span = (low - edge, high + edge)
        return span[::-1] if axis.autorange == "reversed" else span

    def _values(self, name: str | None, letter: str) -> Iterator[Array]:
        for trace in self.figure.data:
            if (trace[f"{letter}axis"] or letter) == (name or letter):
                yield places(trace, letter)


def places(trace: Any, letter: str) -> Array:
    """Where a trace's values stand on an axis; categories count from 0."""
    values = trace[letter]
    if values is None:
        size = np.shape(trace.z)[letter == "x"] if trace.type == "heatmap" else len(trace.y)
        return np.arange(size, dtype=float)
    listed = list(values)
    if any(isinstance(value, str) for value in listed):
        return np.arange(len(listed), dtype=float)
    return np.asarray([np.nan if value is None else value for value in listed], dtype=float)


def where(paper: Paper, ref: str | None, value: Any, letter: str) -> float:
    """Where Plotly's reference and value lie, in pixels."""
    name = (ref or "paper").split()[0]
    if name == "paper":
        if letter == "x":
            return float(paper.left + value * paper.inner)
        return float(paper.top + (1 - value) * paper.deep)
    span = paper.x(name) if letter == "x" else paper.y(name)
    if ref and ref.endswith("domain"):
        return float(span.start + value * (span.end - span.start))
    return float(span.at(float(value)))
