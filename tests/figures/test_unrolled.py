"""The unrolled drawing, the readout's bars, and what paper makes of shared scales."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go

import rnnviz as rv
from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.readout import top_outputs
from rnnviz.analysis.unrolled import unrolled
from rnnviz.figures.readout import figure as readout_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.figures.unrolled import figure as unrolled_figure
from tests.witnesses import assert_close

MODEL = rv.random_model("rnn", 4, 5, seed=3, gain=3)
TRACE = rv.trace(MODEL, rv.parse("<cat", vocabulary=tuple("act<")))


def test_the_columns_are_the_states_with_unit_0_at_the_top() -> None:
    grid = unrolled_figure(unrolled(TRACE, 4), Look())["data"][0]["z"]
    states = grid[np.isfinite(grid).any(axis=1)][:, np.isfinite(grid).any(axis=0)]
    assert_close(states[::-1], TRACE["hidden"][:, 0].T, 1e-6)


def test_there_are_as_many_arrows_of_a_matrix_as_it_is_used() -> None:
    for n_steps in (1, 2, 4):
        traces = unrolled_figure(unrolled(TRACE, n_steps), Look())["data"]
        lines = {part["name"]: part["x"] for part in traces[1:]}
        arrows = {name: sum(x is None for x in line) for name, line in lines.items()}
        between = {"W": n_steps - 1} if n_steps > 1 else {}
        assert arrows == {"U": n_steps, **between, "V": n_steps}


def test_tokens_are_shown_as_typed_and_random_weights_are_marked() -> None:
    figure = unrolled_figure(unrolled(TRACE, 2), Look())
    said = [note["text"] for note in figure["layout"]["annotations"]]
    assert "&lt;" in said
    assert "random weights, not trained" in said
    rows = go.Figure(readout_figure(top_outputs(MODEL, TRACE, 0), Look("zh")))
    assert "随机权重，未经训练" in [note.text for note in rows.layout.annotations]


def test_bars_are_the_views_numbers_and_probabilities_have_the_whole_scale() -> None:
    view = top_outputs(MODEL, TRACE, 1)
    figure = go.Figure(readout_figure(view, Look()))
    assert_close(figure.data[0].y, view.scores)
    assert_close(figure.data[1].y, view.probabilities)
    assert figure.layout.yaxis2.range == (0, 1)


def test_on_paper_matrices_share_one_scale_keep_their_labels_and_their_outline() -> None:
    view = gate_weights(MODEL, 0, "hidden", features=tuple("<act"))
    text = static_svg(rv.figures.matrices(view, 2))
    limit = max(abs(part).max() for part in (view.inputs, view.recurrent, view.biases))
    assert text.count(f">{limit:.3g}<") == 1
    assert ">&lt;</text>" in text
    gate = gate_weights(rv.random_model("lstm", 2, 3), 0, "forget")
    assert '<tspan baseline-shift="sub"' in static_svg(rv.figures.matrices(gate))
    assert len(re.findall(r'fill="none" stroke="[^"]+" stroke-width="2"', text)) == 3
