"""A span of steps marked on panels: two dashed lines, before its first step and after its last."""

from __future__ import annotations

import plotly.graph_objects as go

from rnnviz.figures.theme import colour


def marked(figure: go.Figure, start: int, stop: int, *, dark: bool = False) -> go.Figure:
    """The same figure with the steps `start` … `stop` − 1, counted from 0, between two lines.

    >>> figure = marked(go.Figure(go.Heatmap(z=[[1, 2, 3]])), 1, 2)
    >>> [shape.x0 for shape in figure.layout.shapes]
    [0.5, 1.5]
    """
    line = {"color": colour("ink", dark), "width": 1.5, "dash": "dash"}
    for edge in (start - 0.5, stop - 0.5):
        # Categories are counted from 0; the lines lie between them, over all panels.
        figure.add_shape(
            type="line", xref="x", x0=edge, x1=edge, yref="paper", y0=0, y1=1, line=line
        )
    return figure
