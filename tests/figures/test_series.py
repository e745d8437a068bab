"""Lines over one axis: the view's numbers, named in their colours, gaps where there is none."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look, colour

AT = np.arange(4)
LINE = LineSeries("simple", "simple", AT, np.array([0.0, -1.0, -np.inf, 2.0]))
RULE = LineSeries("rule", "soft", AT, AT * 0.5, "rule")
POINTS = LineSeries("here", "gap", AT[:1], AT[:1] + 0.5, "points")


def drawn(view: LinePanels, **look: Any) -> go.Figure:
    return go.Figure(series_figure(view, Look(**look)))


def test_a_logarithmic_view_is_drawn_in_powers_of_ten_and_says_the_numbers() -> None:
    figure = drawn(LinePanels(((LINE, RULE),), "since", -5, 5, is_logarithmic=True))
    line, rule = figure.data
    assert list(line.y) == [0, -1, None, 2]
    assert list(line.customdata) == [1, 0.1, 0, 100]
    assert (line.line.dash, rule.line.dash) == (None, "dash")
    assert figure.layout.yaxis.ticktext == ("10⁻⁴", "0.01", "1", "100", "10000")
    assert "1" in drawn(LinePanels(((LINE,),), "since", -2, 2, True)).layout.yaxis.ticktext


def test_every_panel_names_its_lines_in_their_colours() -> None:
    figure = drawn(LinePanels(((LINE,), (RULE, POINTS)), "since", 0, 2), language="zh", dark=True)
    first, second = (note.text for note in figure.layout.annotations)
    assert "简单循环网络" in first
    assert colour("simple", True) in first
    assert "谱半径的步数次方" in second
    assert "所选的偏置" in second
    assert figure.data[2].mode == "markers"
    assert figure.layout.xaxis2.title.text == "脉冲之后的步数"


def test_tokens_stand_as_typed_under_their_steps_and_random_weights_are_marked() -> None:
    view = LinePanels(((LINE,),), "letters", 0, 2, tokens=tuple("a<b␣"), is_trained=False)
    figure = drawn(view)
    assert figure.layout.xaxis.ticktext == ("a", "&lt;", "b", "␣")
    assert "random weights, not trained" in [note.text for note in figure.layout.annotations]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_can_be_written_as_json_and_printed(language: str) -> None:
    figure = drawn(LinePanels(((LINE, POINTS),), "bias", -1, 3, True), language=language)
    json.loads(figure.to_json(), parse_constant=pytest.fail)
    text = static_svg(figure)
    # The line is broken where it has no value.
    assert text.count("<polyline") == 2
    assert text.count("<circle") == 1
