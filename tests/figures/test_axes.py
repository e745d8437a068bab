"""A span of steps marked on panels."""

from __future__ import annotations

import plotly.graph_objects as go

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.figures.axes import highlight
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look


def test_two_lines_stand_before_the_first_and_after_the_last_step_on_every_panel() -> None:
    trace = rv.trace(rv.random_model("gru", 1, 2), [[0.1]] * 6)
    view = panels(trace)
    plain = static_svg(panels_figure(view, Look()))
    figure = go.Figure(highlight(panels_figure(view, Look()), 2, 5, Look()))
    n_panels = len(view.panels)
    assert [(s.x0, s.x1, s.y0, s.y1) for s in figure.layout.shapes] == n_panels * [
        (1.5, 1.5, 0, 1),
        (4.5, 4.5, 0, 1),
    ]
    # Titles stand between the panels, and no line crosses them.
    own = [axis for axis in figure.layout if axis.startswith("yaxis")]
    assert {s.yref for s in figure.layout.shapes} == {f"y{axis[5:]} domain" for axis in own}
    dashes = static_svg(figure).count("stroke-dasharray") - plain.count("stroke-dasharray")
    assert dashes == 2 * n_panels
