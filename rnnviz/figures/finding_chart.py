"""Bars, dots or lines of a published finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.figures.curves import LINES
from rnnviz.figures.notes import note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.findings.chart import FindingChart
from rnnviz.formatting import format_number

# Bars without a series beside them are of one colour.
_ALONE = "forget"


@with_type_scale
def figure(view: FindingChart, look: Look, *, height: int = 250) -> PlotlyJson:
    """Bars or dots with their numbers, or a line a series; dotted, what chance would give."""
    data = [
        _series(view, number, name, values, look)
        for number, (name, values) in enumerate(view.series.items())
    ]
    return {
        "data": data,
        "layout": {
            "height": height,
            "margin": {"l": 56, "r": 10, "t": 18, "b": 40},
            "barmode": "group",
            "showlegend": len(data) > 1,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "xaxis": _across(view, look),
            "yaxis": _upright(view, look),
            "shapes": [] if view.chance is None else [_dotted(view, look)],
            "annotations": list(_chance_name(view, look)),
            **base_layout(look),
        },
    }


def _series(
    view: FindingChart, number: int, name: str, values: Array, look: Look
) -> dict[str, Any]:
    ink = LINES[number % len(LINES)] if len(view.series) > 1 else look.colour(_ALONE)
    x = [look.word(key) for key in view.x] if view.has_names else np.asarray(view.x, float)
    drawn: dict[str, Any] = {"x": x, "y": np.asarray(values, float), "name": look.word(name)}
    shown = {"hovertemplate": "%{x}: %{y:.3g}<extra></extra>"}
    if not view.has_names:
        return {"type": "scatter", "mode": "lines", "line": {"color": ink}, **drawn, **shown}
    text = [format_number(value) for value in values.tolist()]
    drawn |= {"text": text, "cliponaxis": False}
    if _has_dots(view):
        dots = {"mode": "markers+text", "marker": {"color": ink, "size": 11}}
        return {"type": "scatter", **dots, "textposition": "top center", **drawn, **shown}
    return {"type": "bar", "marker": {"color": ink}, "textposition": "outside", **drawn, **shown}


def _across(view: FindingChart, look: Look) -> dict[str, Any]:
    title = {"title": {"text": look.word(view.x_title)}} if view.x_title else {}
    # Dots keep as far from the ends as bars do.
    apart = {"range": [-0.5, len(view.x) - 0.5]} if _has_dots(view) else {}
    return title | apart


def _upright(view: FindingChart, look: Look) -> dict[str, Any]:
    scale = {"type": "log", "exponentformat": "power"} if view.is_log else {}
    title = {"text": look.word(view.y_title), "standoff": 8}
    return {"title": title, "showline": True, "nticks": 4, **scale}


def _has_dots(view: FindingChart) -> bool:
    return view.has_names and view.is_log


def _chance_name(view: FindingChart, look: Look) -> Iterator[dict[str, Any]]:
    """Name of the dotted line, over its left end, where dots leave room for it."""
    if view.chance is not None and _has_dots(view):
        # A note on a logarithmic axis is placed by the logarithm.
        left = {"xref": "paper", "x": 0, "xanchor": "left"}
        place = left | {"yref": "y", "y": float(np.log10(view.chance)), "yanchor": "bottom"}
        yield note(look.word("finding.chance"), look.colour("soft"), 11, place)


def _dotted(view: FindingChart, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("soft"), "width": 1, "dash": "dot"}
    place = {"xref": "paper", "x0": 0, "x1": 1, "y0": view.chance, "y1": view.chance}
    return {"type": "line", **place, "line": line}
