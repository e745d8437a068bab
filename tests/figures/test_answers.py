"""The answer over time: every row named, the likeliest always, the right ones beside them."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.panels import main_signal_names, panels
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.theme import Look
from rnnviz.train.presets import preset
from rnnviz.train.right_answers import right_answers
from rnnviz.train.tasks import TASKS


def traced(name: str, text: str) -> rv.Trace:
    model = preset(name).model()
    return rv.trace(model, rv.parse(text, kind="characters", vocabulary=model.vocabulary))


def test_every_one_of_eight_languages_has_its_name_at_its_row() -> None:
    trace = traced("languages_gru", "Nakamura")
    drawn = panels_figure(panels(trace, main_signal_names(trace)), Look())
    axis = drawn["layout"]["yaxis"]
    assert [axis["labelalias"][row] for row in axis["tickvals"]] == list(trace.output_names)
    assert [one["name"] for one in drawn["data"]] == ["probabilities", "hidden", "reset", "update"]
    assert (drawn["data"][0]["zmin"], drawn["data"][0]["zmax"]) == (0, 1)


def test_of_many_outputs_the_three_likeliest_of_each_step_are_written_in_their_cells() -> None:
    trace = traced("next_character_lstm", "The White Rabbit")
    targets = right_answers("next_character", trace.sequence)
    view = panels(trace, ["probabilities"], targets=targets)
    drawn = panels_figure(view, Look())
    best = trace.outputs[:, 0].argsort(axis=1)[:, ::-1]
    names = [name.replace(" ", "␣").replace("\n", "⏎") for name in trace.output_names]
    for rank in range(3):
        wanted = [names[outputs[rank]] for outputs in best]
        assert [text.split(" ")[0] for text in drawn["data"][0]["hovertext"][rank]] == wanted
        values = [trace.outputs[t, 0, outputs[rank]] for t, outputs in enumerate(best)]
        np.testing.assert_allclose(drawn["data"][0]["z"][rank], values)
    hits = sum(targets[t] in best[t, :3] for t in range(len(best)))
    assert _framed(drawn["layout"]["shapes"][0]["path"]) == hits > 5


def test_rings_stand_on_the_right_depths_of_brackets() -> None:
    trace = traced("brackets_lstm", "([]{})")
    targets = right_answers("brackets", trace.sequence)
    view = panels(trace, ["probabilities"], targets=targets)
    rings = panels_figure(view, Look())["data"][1]
    assert rings["x"] == ["1", "2", "3", "4", "5", "6"]
    assert rings["y"] == ["1", "2", "1", "2", "1", "0"]


@pytest.mark.parametrize("name", ["adding_lstm", "flip_flop_gru", "sines_lstm"])
def test_numbers_are_curves_beside_the_right_ones(name: str) -> None:
    card = preset(name)
    sequence = TASKS[card.task].example(1)
    trace = rv.trace(card.model(), sequence)
    targets = right_answers(card.task, sequence).T
    view = panels(trace, ["inputs", "outputs"], targets=targets)
    figure = go.Figure(panels_figure(view, Look("zh")))
    answers = [one for one in figure.data if one.yaxis == "y2" and one.name != "targets"]
    right = [one for one in figure.data if one.name == "targets"]
    for line, values in zip(answers, trace.outputs[:, 0].T, strict=True):
        np.testing.assert_allclose(np.array(line.y, float), values, rtol=1e-6)
    for line, values in zip(right, targets, strict=True):
        np.testing.assert_allclose(np.array(line.y, float), values, rtol=1e-6)
    strips = [one for one in figure.data if one.yaxis == "y"]
    assert [one.name for one in strips] == list(sequence.features)
    for strip, values in zip(strips, sequence.values[:, 0].T, strict=True):
        np.testing.assert_allclose(np.array(strip.customdata, float), values)


def _framed(path: str) -> int:
    """Cells within frames that stand round runs of them: M left,top L right,top … Z."""
    runs = re.findall(r"M([-\d.]+),[-\d.]+L([-\d.]+),", path)
    return round(sum(float(right) - float(left) for left, right in runs))
