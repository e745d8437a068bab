"""The triangle shows the parts of the memory, and nothing where nothing was written yet."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.attribution import attribution
from rnnviz.figures.attribution import figure as attribution_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look


def traced(cell: str = "lstm") -> rv.Trace:
    sequence = rv.parse("ab <b", kind="characters")
    return rv.trace(rv.random_model(cell, sequence.n_features, 3, seed=2, gain=3), sequence)


def test_it_is_a_lower_triangle_of_products() -> None:
    trace = traced()
    (heatmap,) = rv.figures.memory(trace, 2).data
    f, i, g = (trace[name][:, 0, 2].astype(float) for name in ("forget", "input", "candidate"))
    for t in range(5):
        for j in range(5):
            if j > t:
                assert np.isnan(heatmap.z[t, j])
            else:
                part = i[j] * g[j] * np.prod(f[j + 1 : t + 1])
                assert heatmap.z[t, j] == pytest.approx(part, rel=1e-5)
    assert -heatmap.zmin == heatmap.zmax == pytest.approx(np.nanmax(np.abs(heatmap.z)))


def test_both_axes_carry_the_tokens_and_time_goes_down() -> None:
    figure = rv.figures.memory(traced("gru"), 0)
    wanted = {"1": "a", "2": "b", "3": "␣", "4": "&lt;", "5": "b"}
    assert dict(figure.layout.xaxis.labelalias) == dict(figure.layout.yaxis.labelalias) == wanted
    assert figure.layout.yaxis.autorange == "reversed"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_says_which_unit_and_that_nobody_trained_it(language: str) -> None:
    figure = go.Figure(attribution_figure(attribution(traced(), 1), Look(language, True)))
    said = " ".join(one.text for one in figure.layout.annotations)
    assert {"en": "cell state · unit 1", "zh": "细胞状态 · 神经元 1"}[language] in said
    assert {"en": "not trained", "zh": "未经训练"}[language] in said
    json.loads(figure.to_json(), parse_constant=pytest.fail)
    assert static_svg(figure).count("<image") == 2
