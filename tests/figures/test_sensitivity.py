"""A fan brings one row out and marks the steps where something happens."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

import rnnviz as rv
from rnnviz.analysis.sensitivity import sensitivity
from rnnviz.figures.sensitivity import figure as sensitivity_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look, colour


def test_the_chosen_row_lies_thick_over_the_others_and_marks_count_from_1() -> None:
    values = np.random.default_rng(1).normal(size=(6, 3, 2))
    trace = rv.trace(rv.random_model("lstm", 2, 5, seed=3), values)
    view = sensitivity(trace, "cell", 4, ("a", "b", "c"), marks=(1, 4), highlighted=0)
    figure = go.Figure(sensitivity_figure(view, Look("zh", True), limits=(-1, 1)))
    assert [line.name for line in figure.data] == ["b", "c", "a"]
    assert figure.data[2].line.color == colour("cell", True)
    assert figure.data[2].line.width > figure.data[0].line.width
    np.testing.assert_array_equal(figure.data[0].y, trace["cell"][:, 1, 4])
    assert [shape.x0 for shape in figure.layout.shapes] == [2, 5]
    assert figure.layout.yaxis.range == (-1, 1)
    assert "细胞状态 · 神经元 4" in figure.layout.annotations[-1].text
    assert static_svg(figure).count("<polyline") == 3
