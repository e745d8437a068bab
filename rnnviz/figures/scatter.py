"""Points in panels side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

_GAP = 0.07


@with_type_scale
def figure(
    view: Sequence[ScatterPanel], look: Look, *, x: str, y: str, height: int = 300
) -> PlotlyJson:
    """Panels of points on one scale; `x` and `y` say what the axes are.

    >>> from rnnviz.analysis.scatter import ScatterSeries
    >>> points = ScatterSeries("units", "forget", np.array([0.1]), np.array([0.2]))
    >>> view = [ScatterPanel("", (points,), ((0, 1), (1, 0)), 0, 1)]
    >>> figure(view, Look(), x="low", y="high")["data"][0]["mode"]
    'markers'
    """
    is_many = len({series.name for panel in view for series in panel.series}) > 1
    columns = domains([1] * len(view), _GAP)
    placed = [(n, *one) for n, one in enumerate(zip(view, columns, strict=True), start=1)]
    axes: dict[str, Any] = {}
    for number, panel, domain in placed:
        axes |= _axes(number, panel, domain, len(view), x, y)
    return {
        "data": [
            _markers(series, number, look) for number, panel, _ in placed for series in panel.series
        ],
        "layout": {
            "annotations": [_title(panel, domain, look) for _, panel, domain in placed],
            "shapes": [_guide(panel, number, look) for number, panel, _ in placed],
            "height": height,
            "margin": {"l": 48, "r": 12, "t": 48, "b": 66 if is_many else 44},
            "showlegend": is_many,
            "legend": {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top"},
            **axes,
            **base_layout(look),
        },
    }


def _axes(
    number: int, panel: ScatterPanel, domain: list[float], count: int, x: str, y: str
) -> dict[str, Any]:
    """Pair of axes of a panel; their titles stand once: on a narrow page they would touch."""
    scale = {"range": [panel.low, panel.high], "nticks": 5, "showline": True}
    across = {"title": {"text": x, "standoff": 6}} if number == (count + 1) // 2 else {}
    up = {"title": {"text": y, "standoff": 4}} if number == 1 else {}
    return axis_pair(
        number, {"domain": domain, **scale, **across}, {"domain": [0, 1], **scale, **up}
    )


def _title(panel: ScatterPanel, domain: list[float], look: Look) -> dict[str, Any]:
    place = PAPER | {"x": sum(domain) / 2, "y": 1, "xanchor": "center", "yanchor": "bottom"}
    return note(f"<b>{panel.title}</b>", look.colour("ink"), 13, place)


def _markers(series: ScatterSeries, number: int, look: Look) -> dict[str, Any]:
    labels = {"text": list(series.labels)} if series.labels else {}
    return {
        "type": "scatter",
        "x": np.asarray(series.x, np.float32),
        "y": np.asarray(series.y, np.float32),
        **on_axes(number),
        "name": series.name,
        "legendgroup": series.name,
        "showlegend": number == 1,
        "mode": "markers",
        "marker": {"color": look.colour(series.colour), "size": 6, "opacity": 0.65},
        "hovertemplate": "%{text}<br>" * bool(labels) + "%{x:.3g}, %{y:.3g}<extra></extra>",
        **labels,
    }


def _guide(panel: ScatterPanel, number: int, look: Look) -> dict[str, Any]:
    (x0, y0), (x1, y1) = panel.guide
    return {
        "type": "line",
        **on_axes(number, "ref"),
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "line": {"color": look.colour("soft"), "width": 1, "dash": "dot"},
    }
