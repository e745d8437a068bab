"""What goes to the page is the same figure in fewer bytes."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

import rnnviz as rv
from rnnviz.figures.drawn import Drawn
from rnnviz.figures.panels import draw, light
from rnnviz.views.panels import Panel, Panels, panels


def view_of(cell: str = "lstm") -> Panels:
    return panels(rv.trace(rv.random_model(cell, 3, 7, seed=2, gain=4), rv.parse("abcab")))


def read(figure: Any) -> dict[str, Any]:
    """What the page is given: JSON without NaN."""
    text = plotly.io.to_json(figure, validate=False)
    return dict(json.loads(text, parse_constant=pytest.fail))


def numbers(array: dict[str, str]) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])
    return flat.reshape([int(size) for size in array["shape"].split(",")])


def without_shape(array: dict[str, str]) -> dict[str, str]:
    """Of a single line Plotly needs no shape."""
    return {key: value for key, value in array.items() if key != "shape"}


@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_shade_is_at_most_half_a_shade_from_its_number(cell: str) -> None:
    view = view_of(cell)
    for panel, heatmap in zip(view.panels, read(light(view))["data"], strict=True):
        shades = numbers(heatmap["z"])
        assert shades.dtype == np.uint8
        step = (panel.high - panel.low) / 254
        assert (heatmap["zmin"], heatmap["zmax"]) == (0, 254)
        assert np.abs(panel.low + shades * step - panel.values).max() <= 0.501 * step


def test_the_ends_of_the_scale_are_written_where_they_are() -> None:
    view = view_of()
    for panel, one, other in zip(
        view.panels, read(light(view))["data"], draw(view).data, strict=True
    ):
        bar = one["colorbar"]
        assert bar["ticktext"] == list(other.colorbar.ticktext)
        step = (panel.high - panel.low) / 254
        np.testing.assert_allclose(
            panel.low + np.array(bar["tickvals"]) * step, other.colorbar.tickvals, atol=1e-12
        )


@pytest.mark.parametrize("as_lines", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_all_but_the_numbers_is_as_in_the_checked_figure(as_lines: bool, dark: bool) -> None:
    view = view_of("gru")
    ours = read(light(view, as_lines=as_lines, dark=dark, height=500))
    theirs = read(draw(view, as_lines=as_lines, dark=dark, height=500))
    assert ours["layout"] == read(go.Figure(layout=theirs["layout"]))["layout"]
    if as_lines:
        assert ours["data"] == [one | {"y": without_shape(one["y"])} for one in theirs["data"]]


def test_a_number_that_is_none_is_a_gap_and_no_text() -> None:
    view = view_of()
    hole = view.panels[0].values.copy()
    hole[2, 3] = np.nan
    first = view.panels[0]
    broken = Panel(first.signal, hole, first.units, first.low, first.high)
    figure = read(light(Panels((broken,), view.tokens, view.cell, view.is_trained)))
    values = numbers(figure["data"][0]["z"])
    assert np.isnan(values[2, 3])
    np.testing.assert_allclose(np.delete(values, 3, 1), np.delete(first.values, 3, 1), rtol=1e-6)
    assert "NaN" not in json.dumps(figure)


def test_six_heatmaps_take_a_byte_a_cell_and_little_else() -> None:
    trace = rv.trace(rv.random_model("lstm", 10, 64), rv.parse("abcdefghij" * 20))
    text = plotly.io.to_json(light(panels(trace), height=640), validate=False)
    cells = 6 * 64 * 200
    assert len(text) < 2 * cells


def test_a_figure_as_a_dictionary_is_a_file_too() -> None:
    figure = Drawn({"data": [{"type": "bar", "y": np.array([1.5, 2.5])}], "layout": {}})
    assert "application/json" not in figure.to_html(include_plotlyjs=False)
    assert '"dtype":"f8"' in figure.to_html(include_plotlyjs=False).replace(" ", "")
