"""Clouds of points, a panel beside the other."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from typing import Any

import numpy as np

from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.figures.plotly_json import domains, numbered
from rnnviz.figures.theme import colour, layout

_GAP = 0.07


def draw(
    panels: Rows[ScatterPanel], *, x: str, y: str, dark: bool = False, height: int = 300
) -> dict[str, Any]:
    """The panels on one scale, as `go.Figure` takes them; `x` and `y` say what the axes are.

    >>> from rnnviz.analysis.scatter import ScatterSeries
    >>> cloud = ScatterSeries("units", "forget", np.array([0.1]), np.array([0.2]))
    >>> figure = draw([ScatterPanel("", (cloud,), ((0, 1), (1, 0)), 0, 1)], x="low", y="high")
    >>> figure["data"][0]["mode"]
    'markers'
    """
    is_many = len({cloud.name for panel in panels for cloud in panel.series}) > 1
    numbers = range(1, len(panels) + 1)
    spans = domains([1] * len(panels), _GAP)
    placed = list(zip(numbers, panels, spans, strict=True))
    axes = [_axes(*one, len(panels), x, y) for one in placed]
    return {
        "data": [
            _markers(cloud, number, dark) for number, panel, _ in placed for cloud in panel.series
        ],
        "layout": {
            "annotations": [_title(panel, span, dark) for _, panel, span in placed],
            "shapes": [_guide(panel, number, dark) for number, panel, _ in placed],
            "height": height,
            "margin": {"l": 48, "r": 12, "t": 48, "b": 66 if is_many else 44},
            "showlegend": is_many,
            "legend": {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top"},
            **{name: axis for pair in axes for name, axis in pair.items()},
            **layout(dark),
        },
    }


def _axes(
    number: int, panel: ScatterPanel, span: list[float], count: int, x: str, y: str
) -> dict[str, dict[str, Any]]:
    """The pair of a panel; what they are is said once: on a narrow page names would touch."""
    own = numbered(number)
    scale = {"range": [panel.low, panel.high], "nticks": 5, "showline": True}
    across = {"title": {"text": x, "standoff": 6}} if number == (count + 1) // 2 else {}
    up = {"title": {"text": y, "standoff": 4}} if number == 1 else {}
    return {
        f"xaxis{own}": {"anchor": f"y{own}", "domain": span, **scale, **across},
        f"yaxis{own}": {"anchor": f"x{own}", "domain": [0, 1], **scale, **up},
    }


def _title(panel: ScatterPanel, span: list[float], dark: bool) -> dict[str, Any]:
    return {
        "text": f"<b>{panel.title}</b>",
        "font": {"size": 13, "color": colour("ink", dark)},
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": sum(span) / 2,
        "y": 1,
        "xanchor": "center",
        "yanchor": "bottom",
    }


def _markers(cloud: ScatterSeries, number: int, dark: bool) -> dict[str, Any]:
    labels = {"text": list(cloud.labels)} if cloud.labels else {}
    return {
        "type": "scatter",
        "x": np.asarray(cloud.x, np.float32),
        "y": np.asarray(cloud.y, np.float32),
        "xaxis": f"x{numbered(number)}",
        "yaxis": f"y{numbered(number)}",
        "name": cloud.name,
        "legendgroup": cloud.name,
        "showlegend": number == 1,
        "mode": "markers",
        "marker": {"color": colour(cloud.colour, dark), "size": 6, "opacity": 0.65},
        "hovertemplate": "%{text}<br>" * bool(labels) + "%{x:.3g}, %{y:.3g}<extra></extra>",
        **labels,
    }


def _guide(panel: ScatterPanel, number: int, dark: bool) -> dict[str, Any]:
    (x0, y0), (x1, y1) = panel.guide
    return {
        "type": "line",
        "xref": f"x{numbered(number)}",
        "yref": f"y{numbered(number)}",
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "line": {"color": colour("soft", dark), "width": 1, "dash": "dot"},
    }
