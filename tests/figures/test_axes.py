"""A span of steps marked on panels."""

from __future__ import annotations

import plotly.graph_objects as go

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.figures.axes import marked
from rnnviz.figures.panels import draw, spec
from rnnviz.figures.static_svg import still


def test_two_lines_stand_before_the_first_and_after_the_last_step_over_all_panels() -> None:
    trace = rv.trace(rv.random_model("gru", 1, 2), [[0.1]] * 6)
    view = panels(trace)
    plain = still(draw(view))
    figure = go.Figure(marked(spec(view), 2, 5))
    assert [(s.x0, s.x1, s.y0, s.y1) for s in figure.layout.shapes] == [
        (1.5, 1.5, 0, 1),
        (4.5, 4.5, 0, 1),
    ]
    assert still(figure).count("stroke-dasharray") == plain.count("stroke-dasharray") + 2
