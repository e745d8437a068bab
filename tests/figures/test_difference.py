"""The figure of a difference shows the numbers subtracted, on a scale that diverges from zero."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.difference import trace_difference
from rnnviz.figures.difference import figure as difference_figure
from rnnviz.figures.theme import Look


def traced(text: str, cell: str = "lstm") -> rv.Trace:
    sequence = rv.parse(text, kind="characters", vocabulary=tuple("abc<"))
    return rv.trace(rv.random_model(cell, 4, 5, seed=4, gain=3), sequence)


def test_every_heatmap_is_the_other_run_minus_the_one() -> None:
    one, other = traced("abca"), traced("abaa")
    for heatmap in rv.figures.difference(one, other).data:
        wanted = other[heatmap.name][:, 0].T.astype(float) - one[heatmap.name][:, 0].T
        np.testing.assert_array_equal(heatmap.z, wanted.astype(np.float32))
        assert heatmap.zmax == -heatmap.zmin >= np.abs(heatmap.z).max()
        middle = dict(heatmap.colorscale)[0.5]
        assert middle == "rgb(247,247,247)"


def test_a_column_that_one_run_does_not_have_is_empty() -> None:
    figure = rv.figures.difference(traced("abc"), traced("abac"), ["hidden"])
    (heatmap,) = figure.data
    assert np.isnan(heatmap.z[:, 2]).all()
    assert not np.isnan(heatmap.z[:, [0, 1, 3]]).any()
    assert not heatmap.hoverongaps


def test_titles_say_which_run_is_subtracted_from_which_as_it_was_typed() -> None:
    figure = rv.figures.difference(traced("ab"), traced("a<"), names=("<b>", "GRU"))
    assert "GRU − &lt;b&gt;" in figure.layout.annotations[0].text
    plain = rv.figures.difference(traced("ab"), traced("a<"), language="zh")
    assert "后者 − 前者" in plain.layout.annotations[0].text


@pytest.mark.parametrize("dark", [False, True])
def test_it_can_be_written_as_json_and_marks_gaps_apart_from_no_difference(dark: bool) -> None:
    view = trace_difference(traced("abc"), traced("abac"))
    figure = go.Figure(difference_figure(view, Look(dark=dark)))
    json.loads(figure.to_json(), parse_constant=pytest.fail)
    assert figure.layout.plot_bgcolor not in ("rgba(0,0,0,0)", "rgb(247,247,247)")
