"""A figure as still SVG of a few kilobytes: for paper, without Plotly's library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.errors import InputError
from rnnviz.figures.pixels import inline, shaded
from rnnviz.figures.theme import FONT, colour
from rnnviz.frozen import Array

_KINDS = ("heatmap", "scatter", "bar")


def still(figure: go.Figure, width: int = 720) -> str:
    """The figure's heatmaps, lines, points and bars with their axes and titles, as an SVG element.

    Raises InputError for a kind of trace that it does not draw.

    >>> still(go.Figure(go.Scatter(x=[0, 1], y=[2, 3])))[:4]
    '<svg'
    """
    paper = _Paper(figure, width)
    parts = [_trace(paper, trace) for trace in figure.data]
    axes = (_axes(paper, trace) for trace in _first_of_each(figure))
    words = (_annotation(paper, one) for one in figure.layout.annotations)
    lines = (_shape(paper, one) for one in figure.layout.shapes)
    body = "".join((*parts, *axes, *lines, *words, _legend(paper)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {paper.height:g}"'
        f' font-family=\'{FONT}\' font-size="11" fill="{colour("soft")}">{body}</svg>'
    )


@dataclass(frozen=True)
class _Span:
    """Where an axis lies on the paper, from its value `low` at `start` to `high` at `end`."""

    start: float
    end: float
    low: float
    high: float

    def at(self, value: Any) -> Any:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class _Paper:
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
        return self.figure.layout[f"{letter}axis{(name or letter)[1:]}"]

    def x(self, name: str | None) -> _Span:
        low, high = self.axis(name, "x").domain or (0, 1)
        return _Span(
            self.left + low * self.inner, self.left + high * self.inner, *self._range(name, "x")
        )

    def y(self, name: str | None) -> _Span:
        low, high = self.axis(name, "y").domain or (0, 1)
        bottom = self.top + self.deep
        return _Span(bottom - low * self.deep, bottom - high * self.deep, *self._range(name, "y"))

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


def _first_of_each(figure: go.Figure) -> list[Any]:
    seen = {(trace.xaxis, trace.yaxis): trace for trace in reversed(figure.data)}
    return list(seen.values())


def _trace(paper: _Paper, trace: Any) -> str:
    if trace.type not in _KINDS:
        raise InputError(
            "A still picture shows {known}, but {came} came; draw it with one of those.",
            known=", ".join(_KINDS),
            came=trace.type,
        )
    draw = {"heatmap": _heatmap, "scatter": _scatter, "bar": _bar}[trace.type]
    return draw(paper, trace, paper.x(trace.xaxis), paper.y(trace.yaxis))


def _heatmap(paper: _Paper, trace: Any, x: _Span, y: _Span) -> str:
    values = np.asarray(trace.z, dtype=float)
    scale, low, high = _coloured(paper, trace)
    low = low if low is not None else float(np.nanmin(values))
    high = high if high is not None else float(np.nanmax(values))
    shades = shaded(scale, (values - low) / ((high - low) or 1))
    if y.low < y.high:
        shades = shades[::-1]
    box = (min(x.start, x.end), min(y.start, y.end), abs(x.end - x.start), abs(y.end - y.start))
    written = "" if trace.texttemplate is None else _written(trace.text, shades, x, y)
    last = trace.coloraxis is None or trace is paper.figure.data[-1]
    beside = _scale(paper, trace, scale, low, high) if last else ""
    return _image(shades, box) + written + beside


def _written(text: Any, shades: Array, x: _Span, y: _Span) -> str:
    """The text in each cell, light on dark and dark on light."""
    shades = shades[::-1] if y.low < y.high else shades
    light = shades[..., :3] @ np.array([0.299, 0.587, 0.114])
    return "".join(
        _text(
            float(x.at(float(column))),
            float(y.at(float(row))) + 4,
            str(said),
            "middle",
            12,
            colour("paper") if light[row, column] < 120 else colour("ink"),
        )
        for (row, column), said in np.ndenumerate(np.asarray(text, dtype=object))
        if said
    )


def _coloured(paper: _Paper, trace: Any) -> tuple[Any, Any, Any]:
    """Colour scale and its ends: the trace's own, or those that several share."""
    if trace.coloraxis is None:
        return trace.colorscale, trace.zmin, trace.zmax
    shared = paper.figure.layout[trace.coloraxis]
    return shared.colorscale, shared.cmin, shared.cmax


def _image(shades: Array, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = box
    return (
        f'<image x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
        ' preserveAspectRatio="none" style="image-rendering:pixelated"'
        f' href="{inline(shades)}"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' fill="none" stroke="{colour("line")}"/>'
    )


def _scale(paper: _Paper, trace: Any, scale: Any, low: float, high: float) -> str:
    """The colour scale beside a heatmap, its ends named."""
    if trace.showscale is False:
        return ""
    y = paper.y(trace.yaxis)
    top, height = min(y.start, y.end), abs(y.end - y.start)
    left = paper.x(trace.xaxis).end + 6
    shades = shaded(scale, np.linspace(1, 0, 32)[:, None])
    ends = (
        f"{_text(left + 10, top + 9, _number(high))}{_text(left + 10, top + height, _number(low))}"
    )
    return _image(shades, (left, top, 7, height)) + ends


def _scatter(paper: _Paper, trace: Any, x: _Span, y: _Span) -> str:
    shade = trace.line.color or trace.marker.color or colour("accent")
    shade = shade if isinstance(shade, str) else colour("accent")
    points = np.stack([x.at(places(trace, "x")), y.at(places(trace, "y"))], axis=1)
    mode = trace.mode or "lines"
    made = ""
    if "lines" in mode:
        dash = ' stroke-dasharray="4 3"' if trace.line.dash else ""
        made += "".join(
            f'<polyline fill="none" stroke="{shade}" stroke-width="1.6"{dash}'
            f' points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in run)}"/>'
            for run in _runs(points)
        )
    if "markers" in mode:
        made += "".join(
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{shade}"/>'
            for a, b in points[np.isfinite(points).all(1)]
        )
    return made


def _runs(points: Array) -> list[Array]:
    """The lines between gaps, where a value is no number."""
    whole = np.isfinite(points).all(1)
    cuts = np.flatnonzero(np.diff(whole)) + 1
    return [run for run in np.split(points, cuts) if np.isfinite(run).all()]


def _bar(paper: _Paper, trace: Any, x: _Span, y: _Span) -> str:
    shades = trace.marker.color or colour("accent")
    at, values = x.at(places(trace, "x")), y.at(places(trace, "y"))
    half = 0.4 * abs(float(x.at(1.0) - x.at(0.0)))
    return "".join(
        f'<rect x="{a - half:.1f}" y="{min(b, y.at(0.0)):.1f}" width="{2 * half:.1f}"'
        f' height="{abs(b - y.at(0.0)):.1f}"'
        f' fill="{shades if isinstance(shades, str) else shades[i]}"/>'
        for i, (a, b) in enumerate(zip(at, values, strict=True))
    )


def _axes(paper: _Paper, trace: Any) -> str:
    return _axis(paper, trace, "x") + _axis(paper, trace, "y")


def _axis(paper: _Paper, trace: Any, letter: str) -> str:
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
            made += _text(x.start - 4, at + 4, label, "end")
        else:
            edge = min(y.start, y.end) - 6 if above else max(y.start, y.end) + 14
            made += _lines(at, edge, label, up=above)
    title = axis.title.text
    if title and letter == "x":
        made += _text((x.start + x.end) / 2, max(y.start, y.end) + 28, _plain(title), "middle")
    elif title:
        made += _text(x.start, min(y.start, y.end) - 5, _plain(title))
    return made


def _labels(axis: Any, trace: Any, letter: str, span: _Span) -> list[tuple[float, str]]:
    names = axis.labelalias or {}
    if axis.tickvals is not None and any(isinstance(value, str) for value in axis.tickvals):
        return [(float(value), str(names.get(value, value))) for value in axis.tickvals]
    if axis.tickvals is not None:
        words = axis.ticktext if axis.ticktext is not None else map(_number, axis.tickvals)
        return [(float(v), str(w)) for v, w in zip(axis.tickvals, words, strict=True)]
    values = trace[letter]
    if values is None or not any(isinstance(value, str) for value in values):
        return [(value, _number(value)) for value in _round_numbers(span)]
    labels = [str(names.get(value, value)) for value in values]
    widest = max(max(map(len, _plain(label).split("\n"))) for label in labels)
    room = 6 * widest + 6 if letter == "x" else 13
    fitting = max(1, int(abs(span.end - span.start) / room))
    every = -(-len(labels) // fitting)
    return [(float(i), label) for i, label in enumerate(labels) if i % every == 0]


def _round_numbers(span: _Span) -> list[float]:
    """About five round numbers along an axis."""
    low, high = sorted((span.low, span.high))
    raw = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
    first = np.ceil(low / step)
    return [float(k * step) for k in np.arange(first, np.floor(high / step) + 1)]


def _annotation(paper: _Paper, one: Any) -> str:
    if not one.text or one.showarrow:
        return ""
    left = _where(paper, one.xref, one.x, "x") + (one.xshift or 0)
    top = _where(paper, one.yref, one.y, "y") - (one.yshift or 0)
    top += {"bottom": -4, "top": 11}.get(one.yanchor, 4)
    anchor = {"left": "start", "right": "end"}.get(one.xanchor or "", "middle")
    size = one.font.size or 12
    return _text(left, top, one.text, anchor, size, one.font.color)


def _where(paper: _Paper, ref: str | None, value: Any, letter: str) -> float:
    name = (ref or "paper").split()[0]
    if name == "paper":
        if letter == "x":
            return float(paper.left + value * paper.inner)
        return float(paper.top + (1 - value) * paper.deep)
    span = paper.x(name) if letter == "x" else paper.y(name)
    if ref and ref.endswith("domain"):
        return float(span.start + value * (span.end - span.start))
    return float(span.at(float(value)))


def _shape(paper: _Paper, one: Any) -> str:
    x = [_where(paper, one.xref, v, "x") for v in (one.x0, one.x1)]
    y = [_where(paper, one.yref, v, "y") for v in (one.y0, one.y1)]
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


def _legend(paper: _Paper) -> str:
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
        made += _text(left, paper.height - 4, f"■ {trace.name}", shade=shade)
        left += 8 * len(trace.name) + 24
    return made


def _lines(x: float, y: float, label: str, *, up: bool) -> str:
    rows = _plain(label).split("\n")
    top = y - 12 * (len(rows) - 1) if up else y
    return "".join(_text(x, top + 12 * i, row, "middle") for i, row in enumerate(rows))


def _text(
    x: float, y: float, text: str, anchor: str = "start", size: float = 11, shade: Any = None
) -> str:
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


def _plain(text: str) -> str:
    bare = re.sub(r"<[^>]+>", "", text.replace("<br>", "\n"))
    return escape(bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), quote=False)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
