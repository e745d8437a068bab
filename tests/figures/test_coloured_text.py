"""The ribbon can be read: each character on its own colour, on the page and on paper."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.coloured_text import coloured_text
from rnnviz.figures.coloured_text import figure as coloured_text_figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look


def drawn(text: str = "a <b\nc", dark: bool = False, **choices: Any) -> go.Figure:
    sequence = rv.parse(text, kind="characters")
    trace = rv.trace(rv.random_model("lstm", sequence.n_features, 3, seed=2), sequence)
    view = coloured_text(trace, 1, **choices)
    return go.Figure(coloured_text_figure(view, Look("zh", dark)))


def test_every_character_stands_on_its_number_and_zero_is_in_the_middle() -> None:
    (heatmap,) = drawn().data
    assert list(map(list, heatmap.text)) == [["a", "", "&lt;", "b", "⏎"], ["c", "", "", "", ""]]
    assert np.isnan(heatmap.z[1, 1:]).all()
    assert -heatmap.zmin == heatmap.zmax


def test_marked_characters_are_bold() -> None:
    marked = np.array([True, True, False, False, False, False])
    (heatmap,) = drawn(marked=marked).data
    assert list(heatmap.text[0]) == ["<b>a</b>", "", "&lt;", "b", "⏎"]


@pytest.mark.parametrize("dark", [False, True])
def test_it_can_be_written_as_json_and_printed_with_its_characters(dark: bool) -> None:
    figure = drawn(dark=dark)
    json.loads(figure.to_json(), parse_constant=pytest.fail)
    words = "".join(ElementTree.fromstring(static_svg(figure)).itertext())
    for character in "a<b⏎c":
        assert character in words
    assert "细胞状态 · 神经元 1" in words
