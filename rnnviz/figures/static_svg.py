"""A figure as static SVG of a few kilobytes: for paper, without Plotly's library."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.arrays import Array
from rnnviz.errors import InputError
from rnnviz.figures.colour_raster import png_data_uri, rgba, tick_label
from rnnviz.figures.notes import label_width
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.static_svg_axes import (
    AxisScale,
    Canvas,
    annotation_svg,
    axes_svg,
    axis_values,
    legend_svg,
    shape_svg,
    svg_text,
)
from rnnviz.figures.theme import FONT, colour

_KINDS = ("heatmap", "scatter", "bar")


def static_svg(figure: go.Figure | PlotlyJson, width: int = 720) -> str:
    """SVG element of a figure's heatmaps, lines, points and bars with their axes and titles.

    Raises InputError for a kind of trace that it does not draw.

    >>> static_svg(go.Figure(go.Scatter(x=[0, 1], y=[2, 3])))[:4]
    '<svg'
    """
    figure = go.Figure(figure)
    canvas = Canvas(figure, width)
    parts = [_trace(canvas, trace) for trace in figure.data]
    around = (axes_svg(canvas, trace) for trace in _first_of_each(figure))
    words = (annotation_svg(canvas, one) for one in figure.layout.annotations)
    lines = (shape_svg(canvas, one) for one in figure.layout.shapes)
    body = "".join((*parts, *around, *lines, *words, legend_svg(canvas)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {canvas.height:g}"'
        f' font-family=\'{FONT}\' font-size="11" fill="{colour("soft")}">{body}</svg>'
    )


def _first_of_each(figure: go.Figure) -> list[Any]:
    seen = {(trace.xaxis, trace.yaxis): trace for trace in reversed(figure.data)}
    return list(seen.values())


def _trace(canvas: Canvas, trace: Any) -> str:
    if trace.type not in _KINDS:
        raise InputError(
            "A still picture shows {known}, but {came} came; draw it with one of those.",
            known=", ".join(_KINDS),
            came=trace.type,
        )
    draw = {"heatmap": _heatmap, "scatter": _scatter, "bar": _bar}[trace.type]
    return draw(canvas, trace, canvas.x(trace.xaxis), canvas.y(trace.yaxis))


def _heatmap(canvas: Canvas, trace: Any, x: AxisScale, y: AxisScale) -> str:
    values = np.asarray(trace.z, dtype=float)
    scale, low, high = _color_scale(canvas, trace)
    low = low if low is not None else float(np.nanmin(values))
    high = high if high is not None else float(np.nanmax(values))
    shades = rgba(scale, (values - low) / ((high - low) or 1))
    if y.low < y.high:
        shades = shades[::-1]
    box = (min(x.start, x.end), min(y.start, y.end), abs(x.end - x.start), abs(y.end - y.start))
    written = "" if trace.texttemplate is None else _cell_texts(trace.text, shades, x, y)
    last = trace.coloraxis is None or trace is canvas.figure.data[-1]
    beside = _colorbar(canvas, trace, scale, low, high) if last else ""
    return _image(shades, box) + written + beside


def _cell_texts(text: Any, shades: Array, x: AxisScale, y: AxisScale) -> str:
    """The text in each cell, light on dark and dark on light."""
    shades = shades[::-1] if y.low < y.high else shades
    light = shades[..., :3] @ np.array([0.299, 0.587, 0.114])
    return "".join(
        svg_text(
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


def _color_scale(canvas: Canvas, trace: Any) -> tuple[Any, Any, Any]:
    """Colour scale and its ends: the trace's own, or those that several share."""
    if trace.coloraxis is None:
        return trace.colorscale, trace.zmin, trace.zmax
    shared = canvas.figure.layout[trace.coloraxis]
    return shared.colorscale, shared.cmin, shared.cmax


def _image(shades: Array, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = box
    return (
        f'<image x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
        ' preserveAspectRatio="none" style="image-rendering:pixelated"'
        f' href="{png_data_uri(shades)}"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' fill="none" stroke="{colour("line")}"/>'
    )


def _colorbar(canvas: Canvas, trace: Any, scale: Any, low: float, high: float) -> str:
    """The colour scale beside a heatmap, its ends named."""
    if trace.showscale is False:
        return ""
    y = canvas.y(trace.yaxis)
    top, height = min(y.start, y.end), abs(y.end - y.start)
    left = canvas.x(trace.xaxis).end + 6
    shades = rgba(scale, np.linspace(1, 0, 32)[:, None])
    ends = _beside(canvas, left + 10, top + 9, tick_label(high))
    ends += _beside(canvas, left + 10, top + height, tick_label(low))
    return _image(shades, (left, top, 7, height)) + ends


def _beside(canvas: Canvas, left: float, top: float, label: str) -> str:
    """Label beside a colour bar, inside the figure."""
    if left + label_width(label) <= canvas.width:
        return svg_text(left, top, label)
    return svg_text(canvas.width - 1, top, label, "end", 10)


def _scatter(canvas: Canvas, trace: Any, x: AxisScale, y: AxisScale) -> str:
    shade = trace.line.color or trace.marker.color or colour("accent")
    shade = shade if isinstance(shade, str) else colour("accent")
    points = np.stack([x.at(axis_values(trace, "x")), y.at(axis_values(trace, "y"))], axis=1)
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
    """The lines between gaps, where a value is not finite."""
    whole = np.isfinite(points).all(1)
    cuts = np.flatnonzero(np.diff(whole)) + 1
    return [run for run in np.split(points, cuts) if np.isfinite(run).all()]


def _bar(canvas: Canvas, trace: Any, x: AxisScale, y: AxisScale) -> str:
    shades = trace.marker.color or colour("accent")
    at, values = x.at(axis_values(trace, "x")), y.at(axis_values(trace, "y"))
    half = 0.4 * abs(float(x.at(1.0) - x.at(0.0)))
    return "".join(
        f'<rect x="{a - half:.1f}" y="{min(b, y.at(0.0)):.1f}" width="{2 * half:.1f}"'
        f' height="{abs(b - y.at(0.0)):.1f}"'
        f' fill="{shades if isinstance(shades, str) else shades[i]}"/>'
        for i, (a, b) in enumerate(zip(at, values, strict=True))
    )
