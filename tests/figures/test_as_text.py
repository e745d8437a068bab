"""Heatmaps in words: every number of a picture stands in its table."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.figures.as_text import heatmaps_as_text, table_html
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.registry import LESSONS, lesson_code


def test_a_table_holds_the_trace_and_its_headings_the_steps() -> None:
    sequence = rv.parse("abca")
    trace = rv.trace(rv.random_model("gru", sequence.n_features, 3), sequence)
    texts = heatmaps_as_text(panels_figure(panels(trace), Look()), Look())
    hidden = next(one for one in texts if one.name == "hidden state")
    assert hidden.columns == ("1 a", "2 b", "3 c", "4 a")
    values = trace["hidden"][:, 0].T
    assert [row[1:] for row in hidden.rows] == [tuple(map(format_number, row)) for row in values]
    low, high = np.unravel_index(values.argmin(), values.shape), values.max()
    assert f"{format_number(values.min())} (row {low[0]}, column {hidden.columns[low[1]]})" in (
        hidden.sentence
    )
    assert format_number(high) in hidden.sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", LESSONS)
def test_every_heatmap_of_a_lesson_has_a_sentence_and_a_table(id: str, language: str) -> None:
    code, look = lesson_code(id), Look(language)
    for draw in code.figures.values():
        figure = draw(code.settings(), look)
        drawn = [trace for trace in figure["data"] if trace["type"] == "heatmap"]
        texts = heatmaps_as_text(figure, look)
        assert len(texts) == len(drawn)
        for trace, text in zip(drawn, texts, strict=True):
            finite = np.isfinite(np.asarray(trace["z"], float)).sum()
            assert sum(bool(cell) for row in text.rows for cell in row[1:]) == finite
            assert "<" not in text.sentence
            assert table_html(text).count('scope="row"') == len(text.rows)


def test_a_heatmap_without_any_number_has_no_text_and_infinite_ones_are_none() -> None:
    empty = {"type": "heatmap", "z": [[None, float("nan")]]}
    some = {"type": "heatmap", "z": [[float("inf"), 2.0], [None, 1.0]]}
    (text,) = heatmaps_as_text({"data": [empty, some], "layout": {}}, Look())
    assert text.rows == (("1", "2.00"), ("2", "1.00"))
    assert "inf" not in text.sentence
