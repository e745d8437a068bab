"""Figures for a projector: text and margins grow, panels stay as high as they are."""

from __future__ import annotations

import json
import re

import numpy as np

import rnnviz as rv
from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.panels import panels
from rnnviz.figures.contributions import figure as contributions_figure
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.theme import Look

SCALE = 1.6


def test_every_text_is_larger_and_every_panel_is_as_high() -> None:
    trace = rv.trace(rv.random_model("rnn", 3, 5), np.eye(3))
    small, large = (panels_figure(panels(trace), Look(scale=s)) for s in (1, SCALE))
    texts = [json.dumps(one["layout"]) for one in (small, large)]
    for pattern in (r'"size": ([\d.]+)', r"font-size:([\d.]+)px"):
        before, after = (np.array(re.findall(pattern, text), float) for text in texts)
        np.testing.assert_allclose(after, before * SCALE)
        assert before.size

    def heights(drawn: dict) -> list[float]:
        layout = drawn["layout"]
        inner = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
        axes = [axis for name, axis in layout.items() if name.startswith("yaxis")]
        return [inner * (axis["domain"][1] - axis["domain"][0]) for axis in axes]

    np.testing.assert_allclose(heights(large), heights(small), atol=1)


def test_a_figure_beside_the_heatmaps_grows_as_a_whole() -> None:
    model = rv.random_model("gru", 2, 3)
    trace = rv.trace(model, np.eye(2))
    view = contributions(model, trace, layer=0, gate="update", time=1, unit=2)
    small, large = (contributions_figure(view, Look(scale=s))["layout"] for s in (1, SCALE))
    assert large["height"] == round(small["height"] * SCALE)
    assert large["margin"]["l"] == round(small["margin"]["l"] * SCALE)
    assert large["font"]["size"] == small["font"]["size"] * SCALE
