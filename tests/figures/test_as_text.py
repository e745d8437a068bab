"""Figures in words: every number of a picture stands in its table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.analysis.readout import top_outputs
from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.figures.as_text import figure_as_text
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.readout import figure as readout_figure
from rnnviz.figures.scatter import figure as scatter_figure
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.text_table import table_html
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.registry import LESSONS, lesson_code


def test_a_table_holds_the_trace_and_its_headings_the_steps() -> None:
    sequence = rv.parse("abca")
    trace = rv.trace(rv.random_model("gru", sequence.n_features, 3), sequence)
    texts = figure_as_text(panels_figure(panels(trace), Look()), Look())
    hidden = next(one for one in texts if one.name == "hidden state")
    assert hidden.columns == ("1 a", "2 b", "3 c", "4 a")
    values = trace["hidden"][:, 0].T
    assert [row[1:] for row in hidden.rows] == [tuple(map(format_number, row)) for row in values]
    low, high = np.unravel_index(values.argmin(), values.shape), values.max()
    assert f"{format_number(values.min())} (row {low[0]}, column {hidden.columns[low[1]]})" in (
        hidden.sentence
    )
    assert format_number(high) in hidden.sentence


_CLOUDS = ("scatter", "depth", "saturation")


def _finite(trace: dict[str, Any]) -> int:
    numbers = trace["z"] if trace["type"] == "heatmap" else trace["y"]
    return int(np.isfinite(np.asarray(numbers, float)).sum())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", LESSONS)
def test_every_number_of_a_lessons_figures_stands_in_a_table(id: str, language: str) -> None:
    code, look = lesson_code(id), Look(language)
    for name, draw in code.figures.items():
        figure = draw(code.settings(), look)
        drawn = [trace for trace in figure["data"] if trace.get("hoverinfo") != "skip"]
        texts = figure_as_text(figure, look)
        shown = sum(bool(cell) for text in texts for row in text.rows for cell in row[1:])
        # Points of a scatter plot have a number along either axis.
        axes = 2 if name in _CLOUDS else 1
        assert shown == axes * sum(map(_finite, drawn)) > 0
        for text in texts:
            assert all((text.name, text.sentence, *text.columns))
            assert "<" not in text.sentence
            assert table_html(text).count('scope="row"') == len(text.rows)


def test_a_heatmap_without_any_number_has_no_text_and_infinite_ones_are_none() -> None:
    empty = {"type": "heatmap", "z": [[None, float("nan")]]}
    some = {"type": "heatmap", "z": [[float("inf"), 2.0], [None, 1.0]]}
    (text,) = figure_as_text({"data": [empty, some], "layout": {}}, Look())
    assert text.rows == (("1", "2.00"), ("2", "1.00"))
    assert "inf" not in text.sentence


def test_lines_over_the_same_steps_share_the_rows_and_logarithms_are_undone() -> None:
    left = LineSeries("forward", "hidden", np.arange(3), np.log10([1.0, 0.5, 0.001]))
    gap = LineSeries("rule", "soft", np.arange(3), np.array([0.0, np.nan, 1.0]), "rule")
    view = LinePanels(((left, gap),), "since", -3, 1, is_logarithmic=True)
    (text,) = figure_as_text(series_figure(view, Look()), Look())
    assert text.corner == "steps since the pulse"
    assert text.columns == ("what is left of the pulse", "radius to the power of steps")
    assert text.rows == (("0", "1.00", "1.00"), ("1", "0.500", ""), ("2", "0.00100", "10.0"))
    assert "begins at 1.00, ends at 0.00100; smallest 0.00100 (at 2)" in text.sentence


def test_a_letter_that_comes_twice_has_a_row_each_time() -> None:
    line = LineSeries("forward", "hidden", np.arange(3), np.array([3.0, 1.0, 2.0]))
    view = LinePanels(((line,),), "letters", 0, 3, tokens=("a", "b", "a"))
    (text,) = figure_as_text(series_figure(view, Look()), Look())
    assert text.rows == (("1 a", "3.00"), ("2 b", "1.00"), ("3 a", "2.00"))


def test_points_have_a_row_each_with_both_numbers() -> None:
    points = ScatterSeries("", "forget", np.array([0.5, 0.5]), np.array([2.0, -3.0]), ("7", "9"))
    view = [ScatterPanel("LSTM", (points,), ((0, 1), (1, 0)), 0, 1)]
    (text,) = figure_as_text(scatter_figure(view, Look("zh"), x="真", y="答"), Look("zh"))
    assert text.rows == (("7", "0.5", "2.00"), ("9", "0.5", "−3.00"))
    assert text.sentence == "LSTM：共 2 个点；真从 0.5 到 0.5，答从 −3.00 到 2.00。"


def test_bars_are_named_by_the_title_over_them_and_their_places_by_the_outputs() -> None:
    model = rv.random_model("rnn", n_inputs=2, n_units=2)
    view = top_outputs(model, rv.trace(model, [[0.5, 0.1]]), 0)
    scores, probabilities = figure_as_text(readout_figure(view, Look()), Look())
    assert scores.name == "scores V h + d"
    assert dict(probabilities.rows) == {
        name: format_number(p) for name, p in zip(view.names, view.probabilities, strict=True)
    }
