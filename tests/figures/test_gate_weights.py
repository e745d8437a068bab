"""A gate's matrices side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.gate_weights import gate_weights
from tests.analysis.test_contributions import INPUT, UNIT, a_stack
from tests.witnesses import assert_close


def drawn(cell: str = "lstm", gate: str = "forget", **look: Any) -> go.Figure:
    return rv.figures.matrices(gate_weights(a_stack(cell, ("forward",), 1), 0, gate), **look)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_the_heatmaps_are_the_layers_own_weights() -> None:
    weights = a_stack("lstm", ("forward",), 1).layers[0].weights
    inputs, recurrent, biases = drawn().data
    assert_close(inputs.z, weights["forget.x"], 1e-6)
    assert_close(recurrent.z, weights["forget.h"], 1e-6)
    assert_close(biases.z[:, 0], weights["forget.b"], 1e-6)
    assert_close(biases.z[:, 1], weights["forget.bh"], 1e-6)


def test_the_matrices_have_the_letters_of_the_cells_equation() -> None:
    assert texts(drawn())[:3] == ["W<sub>xf</sub>", "W<sub>hf</sub>", "b<sub>f</sub>"]
    assert texts(drawn("rnn", "hidden"))[:3] == ["U", "W", "b"]


def test_all_share_one_scale_centred_on_zero_that_reaches_the_largest_weight() -> None:
    figure = drawn()
    scale = figure.layout.coloraxis
    assert {heatmap.coloraxis for heatmap in figure.data} == {"coloraxis"}
    assert scale.cmin == -scale.cmax
    assert scale.cmax == pytest.approx(max(np.abs(heatmap.z).max() for heatmap in figure.data))


def test_weights_that_are_all_zero_have_a_scale() -> None:
    zeros = {p.name: np.zeros((1, 1)) for p in rv.CELLS["rnn"].params if p.required}
    figure = rv.figures.matrices(
        gate_weights(rv.Model((rv.Layer("rnn", "forward", zeros),)), 0, "hidden")
    )
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)


def test_the_chosen_units_row_is_outlined_in_every_matrix() -> None:
    assert not drawn().layout.shapes
    shapes = drawn(unit=3).layout.shapes
    assert [(shape.y0, shape.y1) for shape in shapes] == [(2.5, 3.5)] * 3
    assert [shape.x1 + 0.5 for shape in shapes] == [INPUT, UNIT, 2]
    assert [shape.xref for shape in shapes] == ["x", "x2", "x3"]


def test_units_stand_top_to_bottom_from_zero() -> None:
    figure = drawn()
    assert figure.layout.yaxis.autorange == "reversed"
    assert list(figure.data[0].y) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("language", "axes", "title"),
    [
        ("en", ["input", "unit at the step before", "bias"], ">forget gate<"),
        ("zh", ["输入", "上一步的神经元", "偏置"], ">遗忘门<"),
    ],
)
def test_axes_and_title_speak_the_language(language: str, axes: list[str], title: str) -> None:
    figure = drawn(language=language)
    layout = figure.layout
    shown = [axis.title.text for axis in (layout.xaxis, layout.xaxis2, layout.xaxis3)]
    assert shown == axes
    assert any(title in text for text in texts(figure))
    for heatmap, axis in zip(figure.data, axes, strict=True):
        for said in ("%{z:.4f}", "%{y}", f"{axis} %{{x}}"):
            assert said in heatmap.hovertemplate


def test_columns_that_look_alike_stay_apart_and_tags_are_shown_as_typed() -> None:
    view = gate_weights(
        a_stack("lstm", ("forward",), 1), 0, "forget", features=(" ", "\u3000", "<b>")
    )
    figure = rv.figures.matrices(view)
    assert list(figure.data[0].x) == ["0", "1", "2"]
    assert list(figure.layout.xaxis.labelalias.values()) == ["␣", "␣", "&lt;b&gt;"]


def test_labels_of_a_wide_matrix_are_thinned_out() -> None:
    figure = rv.figures.matrices(gate_weights(rv.random_model("gru", 3, 300), 0, "reset"))
    assert len(figure.layout.xaxis2.tickvals) < 20
    assert list(figure.layout.xaxis3.tickvals) == ["0"]


def test_every_matrix_is_wide_enough_to_be_seen() -> None:
    layout = rv.figures.matrices(gate_weights(rv.random_model("gru", 1, 300), 0, "reset")).layout
    for axis in (layout.xaxis, layout.xaxis2, layout.xaxis3):
        assert axis.domain[1] - axis.domain[0] > 0.1


def test_random_weights_are_said_to_be_random() -> None:
    random = gate_weights(rv.random_model("gru", 3, 5), 0, "reset")
    assert "random weights, not trained" in texts(rv.figures.matrices(random))
    assert "random weights, not trained" not in texts(drawn())


def test_a_dark_page_has_light_words() -> None:
    outline = {dark: drawn(unit=0, dark=dark).layout.shapes[0].line.color for dark in (False, True)}
    assert outline == {False: "#1c2430", True: "#e8ebf0"}
