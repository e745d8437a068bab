"""Bars or lines of a published finding."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.figures.curves import LINES
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.findings.chart import FindingChart
from rnnviz.formatting import format_number

# Bars without a series beside them are of one colour.
_ALONE = "forget"


@with_type_scale
def figure(view: FindingChart, look: Look, *, height: int = 250) -> PlotlyJson:
    """Bars with their numbers over them, or a line a series; dotted, what chance would give."""
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
            **base_layout(look),
        },
    }


def _series(
    view: FindingChart, number: int, name: str, values: Array, look: Look
) -> dict[str, Any]:
    ink = LINES[number % len(LINES)] if len(view.series) > 1 else look.colour(_ALONE)
    x = [look.word(key) for key in view.x] if view.has_names else np.asarray(view.x, float)
    drawn = {"x": x, "y": np.asarray(values, float), "name": look.word(name)}
    shown = {"hovertemplate": "%{x}: %{y:.3g}<extra></extra>"}
    if not view.has_names:
        return {"type": "scatter", "mode": "lines", "line": {"color": ink}, **drawn, **shown}
    text = [format_number(value) for value in values.tolist()]
    over = {"text": text, "textposition": "outside", "cliponaxis": False}
    return {"type": "bar", "marker": {"color": ink}, **over, **drawn, **shown}


def _across(view: FindingChart, look: Look) -> dict[str, Any]:
    return {"title": {"text": look.word(view.x_title)}} if view.x_title else {}


def _upright(view: FindingChart, look: Look) -> dict[str, Any]:
    scale = {"type": "log", "exponentformat": "power"} if view.is_log else {}
    title = {"text": look.word(view.y_title), "standoff": 8}
    return {"title": title, "showline": True, "nticks": 4, **scale}


def _dotted(view: FindingChart, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("soft"), "width": 1, "dash": "dot"}
    place = {"xref": "paper", "x0": 0, "x1": 1, "y0": view.chance, "y1": view.chance}
    return {"type": "line", **place, "line": line}
