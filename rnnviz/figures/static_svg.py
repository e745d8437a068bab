"""A figure as still SVG of a few kilobytes: for paper, without Plotly's library."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.arrays import Array
from rnnviz.errors import InputError
from rnnviz.figures.colour_raster import inline, shaded
from rnnviz.figures.static_svg_axes import (
    Paper,
    Span,
    annotation,
    axes,
    legend,
    number,
    places,
    shape,
    text_at,
)
from rnnviz.figures.theme import FONT, colour

_KINDS = ("heatmap", "scatter", "bar")


def still(figure: go.Figure | dict[str, Any], width: int = 720) -> str:
    """The figure's heatmaps, lines, points and bars with their axes and titles, as an SVG element.

    Raises InputError for a kind of trace that it does not draw.

    >>> still(go.Figure(go.Scatter(x=[0, 1], y=[2, 3])))[:4]
    '<svg'
    """
    figure = go.Figure(figure)
    paper = Paper(figure, width)
    parts = [_trace(paper, trace) for trace in figure.data]
    around = (axes(paper, trace) for trace in _first_of_each(figure))
    words = (annotation(paper, one) for one in figure.layout.annotations)
    lines = (shape(paper, one) for one in figure.layout.shapes)
    body = "".join((*parts, *around, *lines, *words, legend(paper)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {paper.height:g}"'
        f' font-family=\'{FONT}\' font-size="11" fill="{colour("soft")}">{body}</svg>'
    )


def _first_of_each(figure: go.Figure) -> list[Any]:
    seen = {(trace.xaxis, trace.yaxis): trace for trace in reversed(figure.data)}
    return list(seen.values())


def _trace(paper: Paper, trace: Any) -> str:
    if trace.type not in _KINDS:
        raise InputError(
            "A still picture shows {known}, but {came} came; draw it with one of those.",
            known=", ".join(_KINDS),
            came=trace.type,
        )
    draw = {"heatmap": _heatmap, "scatter": _scatter, "bar": _bar}[trace.type]
    return draw(paper, trace, paper.x(trace.xaxis), paper.y(trace.yaxis))


def _heatmap(paper: Paper, trace: Any, x: Span, y: Span) -> str:
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


def _written(text: Any, shades: Array, x: Span, y: Span) -> str:
    """The text in each cell, light on dark and dark on light."""
    shades = shades[::-1] if y.low < y.high else shades
    light = shades[..., :3] @ np.array([0.299, 0.587, 0.114])
    return "".join(
        text_at(
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


def _coloured(paper: Paper, trace: Any) -> tuple[Any, Any, Any]:
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


def _scale(paper: Paper, trace: Any, scale: Any, low: float, high: float) -> str:
    """The colour scale beside a heatmap, its ends named."""
    if trace.showscale is False:
        return ""
    y = paper.y(trace.yaxis)
    top, height = min(y.start, y.end), abs(y.end - y.start)
    left = paper.x(trace.xaxis).end + 6
    shades = shaded(scale, np.linspace(1, 0, 32)[:, None])
    ends = text_at(left + 10, top + 9, number(high))
    ends += text_at(left + 10, top + height, number(low))
    return _image(shades, (left, top, 7, height)) + ends


def _scatter(paper: Paper, trace: Any, x: Span, y: Span) -> str:
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


def _bar(paper: Paper, trace: Any, x: Span, y: Span) -> str:
    shades = trace.marker.color or colour("accent")
    at, values = x.at(places(trace, "x")), y.at(places(trace, "y"))
    half = 0.4 * abs(float(x.at(1.0) - x.at(0.0)))
    return "".join(
        f'<rect x="{a - half:.1f}" y="{min(b, y.at(0.0)):.1f}" width="{2 * half:.1f}"'
        f' height="{abs(b - y.at(0.0)):.1f}"'
        f' fill="{shades if isinstance(shades, str) else shades[i]}"/>'
        for i, (a, b) in enumerate(zip(at, values, strict=True))
    )
