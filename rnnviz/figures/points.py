"""Clouds of points, a panel beside the other."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.theme import colour, layout
from rnnviz.views.points import Cloud, Points


def draw(
    panels: Rows[Points], *, x: str, y: str, dark: bool = False, height: int = 300
) -> go.Figure:
    """The panels on one scale; `x` and `y` say what the axes are.

    >>> from rnnviz.views.points import Cloud
    >>> cloud = Cloud("units", "forget", np.array([0.1]), np.array([0.2]))
    >>> draw([Points("", (cloud,), ((0, 1), (1, 0)), 0, 1)], x="low", y="high").data[0].mode
    'markers'
    """
    titles = [f"<b>{panel.title}</b>" for panel in panels]
    figure = make_subplots(1, len(panels), subplot_titles=titles, horizontal_spacing=0.07)
    for column, panel in enumerate(panels, start=1):
        for cloud in panel.clouds:
            figure.add_trace(_markers(cloud, column == 1, dark), 1, column)
        _guide(figure, panel, column, dark)
        span = [panel.low, panel.high]
        figure.update_xaxes(range=span, nticks=5, row=1, col=column)
        figure.update_yaxes(range=span, nticks=5, row=1, col=column)
    # Said once: on a narrow page three of them would run into each other.
    middle = (len(panels) + 1) // 2
    figure.update_xaxes(title={"text": x, "standoff": 6}, col=middle)
    figure.update_yaxes(title={"text": y, "standoff": 4}, col=1)
    figure.update_xaxes(showline=True)
    figure.update_yaxes(showline=True)
    figure.update_annotations(font={"size": 13, "color": colour("ink", dark)})
    is_many = len({cloud.name for panel in panels for cloud in panel.clouds}) > 1
    figure.update_layout(
        height=height,
        margin={"l": 48, "r": 12, "t": 48, "b": 66 if is_many else 44},
        showlegend=is_many,
        legend={"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top"},
    )
    return figure.update_layout(**layout(dark))


def _markers(cloud: Cloud, is_first: bool, dark: bool) -> Any:
    return go.Scatter(
        x=np.asarray(cloud.x, np.float32),
        y=np.asarray(cloud.y, np.float32),
        name=cloud.name,
        legendgroup=cloud.name,
        showlegend=is_first,
        mode="markers",
        text=cloud.labels or None,
        marker={"color": colour(cloud.shade, dark), "size": 6, "opacity": 0.65},
        hovertemplate="%{text}<br>" * bool(cloud.labels) + "%{x:.3g}, %{y:.3g}<extra></extra>",
    )


def _guide(figure: go.Figure, panel: Points, column: int, dark: bool) -> None:
    (x0, y0), (x1, y1) = panel.guide
    line = {"color": colour("soft", dark), "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=x0, y0=y0, x1=x1, y1=y1, line=line, row=1, col=column)
