"""What surrounds the traces of a still picture: axes, words, lines, the legend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.arrays import Array
from rnnviz.figures.theme import colour


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


def lines_at(x: float, y: float, label: str, *, up: bool) -> str:
    """A label of several lines, the first or, upwards, the last at this height."""
    rows = plain(label).split("\n")
    top = y - 12 * (len(rows) - 1) if up else y
    return "".join(text_at(x, top + 12 * i, row, "middle") for i, row in enumerate(rows))


def text_at(
    x: float, y: float, text: str, anchor: str = "start", size: float = 11, shade: Any = None
) -> str:
    """An SVG text; `shade` is its colour, by default the picture's."""
    fill = f' fill="{shade}"' if isinstance(shade, str) else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"{fill}>'
        f"{_spans(text)}</text>"
    )


def _spans(text: str) -> str:
    """Plotly's few tags as SVG's."""
    text = re.sub(r'<b(?: style="color:([^"]+)")?>', _bold, text.replace("<br>", " "))
    text = text.replace("<i>", '<tspan font-style="italic">')
    text = text.replace("<sub>", '<tspan baseline-shift="sub" font-size="8">')
    text = re.sub(r"<span[^>]*>", '<tspan font-weight="400" font-size="10">', text)
    text = re.sub(r"</(?:b|i|span|sub)>", "</tspan>", text)
    return re.sub(r"&(?!\w+;)", "&amp;", text)


def _bold(found: re.Match[str]) -> str:
    shade = f' fill="{found[1]}"' if found[1] else ""
    return f'<tspan font-weight="700"{shade}>'


def plain(text: str) -> str:
    """A text without Plotly's tags, escaped."""
    bare = re.sub(r"<[^>]+>", "", text.replace("<br>", "\n"))
    return escape(bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), quote=False)


def number(value: float) -> str:
    """Three digits, with a true minus."""
    return f"{value:.3g}".replace("-", "−")


def axes(paper: Paper, trace: Any) -> str:
    """Labels and titles of a trace's two axes."""
    return _axis(paper, trace, "x") + _axis(paper, trace, "y")


def _axis(paper: Paper, trace: Any, letter: str) -> str:
    """Labels of an axis, as many as fit, and its title."""
    name = trace[f"{letter}axis"]
    axis = paper.axis(name, letter)
    x, y = paper.x(trace.xaxis), paper.y(trace.yaxis)
    span = x if letter == "x" else y
    labels = _labels(axis, trace, letter, span) if axis.showticklabels is not False else []
    above = axis.side == "top"
    made = ""
    for value, label in labels:
        at = float(span.at(value))
        if letter == "y":
            made += text_at(x.start - 4, at + 4, label, "end")
        else:
            edge = min(y.start, y.end) - 6 if above else max(y.start, y.end) + 14
            made += lines_at(at, edge, label, up=above)
    title = axis.title.text
    if title and letter == "x":
        made += text_at((x.start + x.end) / 2, max(y.start, y.end) + 28, plain(title), "middle")
    elif title:
        made += text_at(x.start, min(y.start, y.end) - 5, plain(title))
    return made


def _labels(axis: Any, trace: Any, letter: str, span: Span) -> list[tuple[float, str]]:
    names = axis.labelalias or {}
    if axis.tickvals is not None and any(isinstance(value, str) for value in axis.tickvals):
        return [(float(value), str(names.get(value, value))) for value in axis.tickvals]
    if axis.tickvals is not None:
        words = axis.ticktext if axis.ticktext is not None else map(number, axis.tickvals)
        return [(float(v), str(w)) for v, w in zip(axis.tickvals, words, strict=True)]
    values = trace[letter]
    if values is None or not any(isinstance(value, str) for value in values):
        return [(value, number(value)) for value in _round_numbers(span)]
    labels = [str(names.get(value, value)) for value in values]
    widest = max(max(map(len, plain(label).split("\n"))) for label in labels)
    room = 6 * widest + 6 if letter == "x" else 13
    fitting = max(1, int(abs(span.end - span.start) / room))
    every = -(-len(labels) // fitting)
    return [(float(i), label) for i, label in enumerate(labels) if i % every == 0]


def _round_numbers(span: Span) -> list[float]:
    """About five round numbers along an axis."""
    low, high = sorted((span.low, span.high))
    raw = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
    first = np.ceil(low / step)
    return [float(k * step) for k in np.arange(first, np.floor(high / step) + 1)]


def annotation(paper: Paper, one: Any) -> str:
    """A word on the paper."""
    if not one.text or one.showarrow:
        return ""
    left = where(paper, one.xref, one.x, "x") + (one.xshift or 0)
    top = where(paper, one.yref, one.y, "y") - (one.yshift or 0)
    top += {"bottom": -4, "top": 11}.get(one.yanchor, 4)
    anchor = {"left": "start", "right": "end"}.get(one.xanchor or "", "middle")
    size = one.font.size or 12
    return text_at(left, top, one.text, anchor, size, one.font.color)


def shape(paper: Paper, one: Any) -> str:
    """A line or an outline on the paper."""
    x = [where(paper, one.xref, v, "x") for v in (one.x0, one.x1)]
    y = [where(paper, one.yref, v, "y") for v in (one.y0, one.y1)]
    if one.type == "rect":
        return (
            f'<rect x="{min(x):.1f}" y="{min(y):.1f}" width="{abs(x[1] - x[0]):.1f}"'
            f' height="{abs(y[1] - y[0]):.1f}" fill="none"'
            f' stroke="{one.line.color or colour("soft")}" stroke-width="2"/>'
        )
    if one.type != "line":
        return ""
    dash = ' stroke-dasharray="3 3"' if one.line.dash else ""
    return (
        f'<line x1="{x[0]:.1f}" x2="{x[1]:.1f}" y1="{y[0]:.1f}" y2="{y[1]:.1f}"'
        f' stroke="{one.line.color or colour("soft")}"{dash}/>'
    )


def legend(paper: Paper) -> str:
    """Names of lines and bars under the figure, in their colours."""
    if paper.figure.layout.showlegend is False:
        return ""
    named = [
        trace
        for trace in paper.figure.data
        if trace.type != "heatmap" and trace.name and trace.showlegend is not False
    ]
    if len(named) < 2:
        return ""
    made, left = "", float(paper.left)
    for trace in named:
        shade = trace.line.color if trace.type == "scatter" else trace.marker.color
        made += text_at(left, paper.height - 4, f"■ {trace.name}", shade=shade)
        left += 8 * len(trace.name) + 24
    return made
