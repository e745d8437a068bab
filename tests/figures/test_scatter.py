"""Clouds of points stand where they were measured, on one scale in every panel."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.figures.scatter import figure as scatter_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look

X, Y = np.array([0.25, 0.5, 0.75]), np.array([0.5, 0.25, 0.0])


def panel(*clouds: ScatterSeries) -> ScatterPanel:
    return ScatterPanel("panel", clouds, ((0, 0), (1, 1)), -0.5, 1.5)


def test_every_panel_has_its_clouds_its_line_and_the_same_scale() -> None:
    one, other = (
        ScatterSeries("one", "forget", X, Y),
        ScatterSeries("other", "gap", Y, X, ("a", "b", "c")),
    )
    figure = go.Figure(
        scatter_figure([panel(one, other), panel(one, other)], Look(), x="across", y="up")
    )
    assert [trace.name for trace in figure.data] == ["one", "other"] * 2
    np.testing.assert_array_equal(figure.data[0].x, X)
    np.testing.assert_array_equal(figure.data[3].y, X)
    for axis in (figure.layout.xaxis2, figure.layout.yaxis2):
        assert axis.range == (-0.5, 1.5)
    assert len(figure.layout.shapes) == 2
    assert figure.layout.showlegend
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]


def test_the_axes_are_named_once_and_points_are_printed() -> None:
    three = [panel(ScatterSeries("", "cell", X, Y)) for _ in range(3)]
    figure = go.Figure(scatter_figure(three, Look(dark=True), x="across", y="up"))
    titles = [figure.layout[f"xaxis{n}"].title.text for n in ("", "2", "3")]
    assert titles == [None, "across", None]
    assert not figure.layout.showlegend
    assert static_svg(figure).count("<circle") == 9
