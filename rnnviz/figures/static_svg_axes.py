"""Layout of a static SVG: axes with their labels, annotations, shapes and the legend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.arrays import Array
from rnnviz.figures.colour_raster import tick_label
from rnnviz.figures.notes import label_width
from rnnviz.figures.theme import colour


@dataclass(frozen=True)
class AxisScale:
    """Linear map from an axis to pixels: its value `low` lies at `start`, `high` at `end`."""

    start: float
    end: float
    low: float
    high: float

    def at(self, value: Any) -> Any:
        """Position of a value in pixels."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class Canvas:
    """A figure's plotting area in pixels, and the scales of its axes."""

    def __init__(self, figure: go.Figure, width: int) -> None:
        layout = figure.layout
        margin = layout.margin
        self.figure, self.width = figure, width
        self.height = layout.height or 360
        self.left, self.top = margin.l or 60, margin.t or 40
        self.inner = width - self.left - (margin.r if margin.r is not None else 30)
        self.deep = self.height - self.top - (margin.b if margin.b is not None else 40)

    def axis(self, name: str | None, letter: str) -> Any:
        """Plotly's layout of an axis by its name, "x2"."""
        return self.figure.layout[f"{letter}axis{(name or letter)[1:]}"]

    def x(self, name: str | None) -> AxisScale:
        """Scale of an x axis, from left to right."""
        low, high = self.axis(name, "x").domain or (0, 1)
        return AxisScale(
            self.left + low * self.inner, self.left + high * self.inner, *self._range(name, "x")
        )

    def y(self, name: str | None) -> AxisScale:
        """Scale of a y axis, from the bottom up."""
        low, high = self.axis(name, "y").domain or (0, 1)
        bottom = self.top + self.deep
        return AxisScale(
            bottom - low * self.deep, bottom - high * self.deep, *self._range(name, "y")
        )

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
                yield axis_values(trace, letter)


def axis_values(trace: Any, letter: str) -> Array:
    """Values of a trace along an axis (point,); categories count from 0."""
    values = trace[letter]
    if values is None:
        size = np.shape(trace.z)[letter == "x"] if trace.type == "heatmap" else len(trace.y)
        return np.arange(size, dtype=float)
    listed = list(values)
    if any(isinstance(value, str) for value in listed):
        return np.arange(len(listed), dtype=float)
    return np.asarray([np.nan if value is None else value for value in listed], dtype=float)


def to_pixels(canvas: Canvas, ref: str | None, value: Any, letter: str) -> float:
    """Pixel position of a value that Plotly's `xref` or `yref` places."""
    # As in Plotly, what names no axis lies on the first.
    name = (ref or letter).split()[0]
    if name == "paper":
        if letter == "x":
            return float(canvas.left + value * canvas.inner)
        return float(canvas.top + (1 - value) * canvas.deep)
    span = canvas.x(name) if letter == "x" else canvas.y(name)
    if ref and ref.endswith("domain"):
        return float(span.start + value * (span.end - span.start))
    return float(span.at(float(value)))


def multiline_text(x: float, y: float, label: str, *, up: bool) -> str:
    """SVG texts of a label of several lines, the first or, upwards, the last at this height."""
    rows = plain_text(label).split("\n")
    top = y - 12 * (len(rows) - 1) if up else y
    return "".join(svg_text(x, top + 12 * i, row, "middle") for i, row in enumerate(rows))


def svg_text(
    x: float, y: float, text: str, anchor: str = "start", size: float = 11, ink: Any = None
) -> str:
    """SVG text element; `ink` is its colour, by default the figure's."""
    fill = f' fill="{ink}"' if isinstance(ink, str) else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"{fill}>'
        f"{_tspans(text)}</text>"
    )


def _tspans(text: str) -> str:
    """Text with Plotly's few tags turned into SVG's."""
    text = re.sub(r'<b(?: style="color:([^"]+)")?>', _bold, text.replace("<br>", " "))
    text = text.replace("<i>", '<tspan font-style="italic">')
    text = text.replace("<sub>", '<tspan baseline-shift="sub" font-size="8">')
    text = re.sub(r"<span[^>]*>", '<tspan font-weight="400" font-size="10">', text)
    text = re.sub(r"</(?:b|i|span|sub)>", "</tspan>", text)
    return re.sub(r"&(?!\w+;)", "&amp;", text)


def _bold(found: re.Match[str]) -> str:
    shade = f' fill="{found[1]}"' if found[1] else ""
    return f'<tspan font-weight="700"{shade}>'


def plain_text(text: str) -> str:
    """Text without Plotly's tags, escaped."""
    bare = re.sub(r"<[^>]+>", "", text.replace("<br>", "\n"))
    return escape(bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), quote=False)


def axes_svg(canvas: Canvas, trace: Any) -> str:
    """Labels and titles of a trace's two axes as SVG; a shared axis of time has them once."""
    anchor = canvas.axis(trace.xaxis, "x").anchor
    is_own = anchor in (None, "free", trace.yaxis or "y")
    return (_axis(canvas, trace, "x") if is_own else "") + _axis(canvas, trace, "y")


def _axis(canvas: Canvas, trace: Any, letter: str) -> str:
    """Labels of an axis, as many as fit, and its title."""
    name = trace[f"{letter}axis"]
    axis = canvas.axis(name, letter)
    if axis.visible is False:
        return ""
    x, y = canvas.x(trace.xaxis), canvas.y(trace.yaxis)
    span = x if letter == "x" else y
    labels = _labels(axis, trace, letter, span) if axis.showticklabels is not False else []
    above = axis.side == "top"
    made = ""
    for value, label in labels:
        at = float(span.at(value))
        if letter == "y":
            made += svg_text(x.start - 4, at + 4, label, "end")
        else:
            edge = min(y.start, y.end) - 6 if above else max(y.start, y.end) + 14
            made += multiline_text(at, edge, label, up=above)
    title = axis.title.text
    if title and letter == "x":
        made += svg_text(
            (x.start + x.end) / 2, max(y.start, y.end) + 28, plain_text(title), "middle"
        )
    elif title:
        widest = max((label_width(label) for _, label in labels), default=0)
        made += _upright(x.start - widest - 12, (y.start + y.end) / 2, plain_text(title))
    return made


def _upright(x: float, y: float, title: str) -> str:
    """Title of an axis from the bottom up, its middle at this place."""
    turned = svg_text(0, 0, title, "middle")
    return f'<g transform="translate({max(x, 10):.1f} {y:.1f}) rotate(-90)">{turned}</g>'


def _labels(axis: Any, trace: Any, letter: str, span: AxisScale) -> list[tuple[float, str]]:
    names = axis.labelalias or {}
    if axis.tickvals is not None and any(isinstance(value, str) for value in axis.tickvals):
        return _category_labels(axis, trace[letter], names)
    if axis.tickvals is not None:
        words = axis.ticktext if axis.ticktext is not None else map(tick_label, axis.tickvals)
        return [(float(v), str(w)) for v, w in zip(axis.tickvals, words, strict=True)]
    values = trace[letter]
    if values is None or not any(isinstance(value, str) for value in values):
        return [(value, tick_label(value)) for value in _round_numbers(span)]
    labels = [str(names.get(value, value)) for value in values]
    widest = max(max(map(len, plain_text(label).split("\n"))) for label in labels)
    room = 6 * widest + 6 if letter == "x" else 13
    fitting = max(1, int(abs(span.end - span.start) / room))
    every = -(-len(labels) // fitting)
    return [(float(i), label) for i, label in enumerate(labels) if i % every == 0]


def _category_labels(axis: Any, values: Any, names: Any) -> list[tuple[float, str]]:
    """Place and label of ticks that stand at categories."""
    ticks = list(axis.tickvals)
    places = {value: place for place, value in enumerate(values)}
    words = axis.ticktext or [names.get(tick, tick) for tick in ticks]
    return [(float(places[tick]), str(w)) for tick, w in zip(ticks, words, strict=True)]


def _round_numbers(span: AxisScale) -> list[float]:
    """About five round numbers along an axis."""
    low, high = sorted((span.low, span.high))
    raw = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
    first = np.ceil(low / step)
    # Adding 0 turns −0 into 0.
    return [float(k * step) + 0.0 for k in np.arange(first, np.floor(high / step) + 1)]


def annotation_svg(canvas: Canvas, one: Any) -> str:
    """Annotation without an arrow as SVG."""
    if not one.text or one.showarrow:
        return ""
    left = to_pixels(canvas, one.xref, one.x, "x") + (one.xshift or 0)
    top = to_pixels(canvas, one.yref, one.y, "y") - (one.yshift or 0)
    top += {"bottom": -4, "top": 11}.get(one.yanchor, 4)
    anchor = {"left": "start", "right": "end"}.get(one.xanchor or "", "middle")
    size = one.font.size or 12
    return svg_text(left, top, one.text, anchor, size, one.font.color)


def shape_svg(canvas: Canvas, one: Any) -> str:
    """Line or outline of a shape as SVG."""
    if one.type == "path":
        return _path_svg(canvas, one)
    x = [to_pixels(canvas, one.xref, v, "x") for v in (one.x0, one.x1)]
    y = [to_pixels(canvas, one.yref, v, "y") for v in (one.y0, one.y1)]
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


def _path_svg(canvas: Canvas, one: Any) -> str:
    """Path of straight lines through places on the axes."""

    def placed(found: re.Match[str]) -> str:
        x = to_pixels(canvas, one.xref, found[1], "x")
        return f"{x:.1f},{to_pixels(canvas, one.yref, found[2], 'y'):.1f}"

    path = re.sub(r"(-?[\d.]+),(-?[\d.]+)", placed, one.path)
    width = one.line.width or 1
    return f'<path d="{path}" fill="none" stroke="{one.line.color}" stroke-width="{width:g}"/>'


def legend_svg(canvas: Canvas) -> str:
    """Names of lines and bars under the figure, in their colours, as SVG."""
    if canvas.figure.layout.showlegend is False:
        return ""
    named = [
        trace
        for trace in canvas.figure.data
        if trace.type != "heatmap" and trace.name and trace.showlegend is not False
    ]
    if len(named) < 2:
        return ""
    made, left = "", float(canvas.left)
    for trace in named:
        ink = trace.line.color if trace.type == "scatter" else trace.marker.color
        made += svg_text(left, canvas.height - 4, f"■ {trace.name}", ink=ink)
        left += label_width(trace.name) + 36
    return made
