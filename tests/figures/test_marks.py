"""What an intervention holds is hatched, what lies beyond the colour scale is marked."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.figures.marks import blocks, frames
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look


def held() -> rv.Trace:
    model = rv.random_model("lstm", 2, 5, seed=3, gain=3)
    hold = [rv.Clamp("forget", 1, units=[1, 2], start=2, stop=4)]
    return rv.trace(model, np.linspace(-1, 1, 12).reshape(6, 2), intervene=hold)


def points(path: str) -> np.ndarray:
    return np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path), float)


@given(arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 7))))
def test_blocks_cover_a_mask_and_nothing_else(mask: np.ndarray) -> None:
    covered = np.zeros(mask.shape, int)
    for top, bottom, left, right in blocks(mask):
        covered[top:bottom, left:right] += 1
    np.testing.assert_array_equal(covered, mask.astype(int))


def test_a_held_gate_is_hatched_in_its_own_panel_at_its_units_and_steps() -> None:
    view = panels(held(), order="index")
    drawn = panels_figure(view, Look())
    names = [panel.signal.name for panel in view.panels]
    number = names.index("forget") + 1
    marks = [s for s in drawn["layout"]["shapes"] if s["yref"] == f"y{number}"]
    assert len(marks) == 2
    assert all(s["yref"] == "y" for s in drawn["layout"]["shapes"] if s not in marks)
    for mark in marks:
        x, y = points(mark["path"]).T
        assert (x.min(), x.max(), y.min(), y.max()) >= (1.5, 1.5, 0.5, 0.5)
        assert 1.5 <= x.min() < x.max() <= 3.5
        assert 0.5 <= y.min() < y.max() <= 2.5
    # Held at 1, where viridis is yellow: black is what is seen.
    assert {mark["line"]["color"] for mark in marks} == {"#000000"}
    assert static_svg(drawn).count("<path") == len(drawn["layout"]["shapes"])


def test_cut_cells_have_dashes_and_the_scale_says_so() -> None:
    values = np.full((6, 1, 5), 0.5)
    values[:, 0, 3] = [1, 9, 9, 2, 9, 1]
    trace = held()
    layer = rv.LayerTrace("lstm", "forward", 0, {**dict(trace.layers[0].signals), "cell": values})
    view = panels(rv.Trace(trace.sequence, (layer,), values, is_trained=True), ["cell"])
    panel = view.panels[0]
    assert panel.high == 2.0
    np.testing.assert_array_equal(panel.is_cut[3], [False, True, True, False, True, False])
    assert not panel.is_cut[[0, 1, 2, 4]].any()
    figure = go.Figure(panels_figure(view, Look()))
    dashes = points(figure.layout.shapes[0].path)
    assert dashes.tolist() == [[0.75, 3], [2.25, 3], [3.75, 3], [4.25, 3]]
    assert figure.data[0].colorbar.ticktext == ("−2", "0", "≥2")


def test_an_untouched_run_within_its_scale_has_no_marks() -> None:
    trace = rv.trace(rv.random_model("gru", 2, 4), np.zeros((3, 2)))
    assert "shapes" not in panels_figure(panels(trace), Look())["layout"]


def test_neighbours_in_a_row_stand_in_one_frame() -> None:
    black, white = frames(np.array([[1, 1, 0, 1], [0, 0, 1, 0]], bool), 1)
    assert black["path"] == white["path"]
    corners = re.findall(r"M(-?[\d.]+),(-?[\d.]+)L(-?[\d.]+),", black["path"])
    assert corners == [("-0.5", "-0.5", "1.5"), ("2.5", "-0.5", "3.5"), ("1.5", "0.5", "2.5")]
    assert frames(np.zeros((2, 3), bool), 1) == []
