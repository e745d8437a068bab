"""What goes to the page is the same figure in fewer bytes."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from typing import Any

import numpy as np
import plotly.colors
import plotly.graph_objects as go
import plotly.io
import pytest
from plotly.colors import hex_to_rgb
from plotly.offline import get_plotlyjs

import rnnviz as rv
from rnnviz.analysis.panels import Panel, Panels, panels
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PageFigure, plotly_script, to_page, typed_array
from rnnviz.figures.theme import Look
from rnnviz.lessons.registry import LESSONS, lesson_code

LOOK = Look()


def view_of(cell: str = "lstm") -> Panels:
    return panels(rv.trace(rv.random_model(cell, 3, 7, seed=2, gain=4), rv.parse("abcab")))


def quantised(view: Panels, look: Look = LOOK, **options: Any) -> PageFigure:
    return to_page(panels_figure(view, look, is_quantised=True, **options))


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
    for panel, heatmap in zip(view.panels, read(quantised(view))["data"], strict=True):
        shades = numbers(heatmap["z"])
        assert shades.dtype == np.uint8
        step = (panel.high - panel.low) / 254
        assert (heatmap["zmin"], heatmap["zmax"]) == (0, 254)
        assert np.abs(panel.low + shades * step - panel.values).max() <= 0.501 * step


def test_the_ends_of_the_scale_are_written_where_they_are() -> None:
    view = view_of()
    figure = quantised(view, height=640)
    notes = read(figure)["layout"]["annotations"]
    for panel, image, one in zip(
        view.panels,
        read(figure)["layout"]["images"],
        go.Figure(panels_figure(view, Look(), height=640)).data,
        strict=True,
    ):
        top, bottom = image["y"], image["y"] - image["sizey"]
        beside = [n for n in notes if n["xanchor"] == "left" and bottom <= n["y"] <= top]
        beside = [n for n in beside if n["yref"] == "paper"]
        assert [note["text"] for note in beside] == list(one.colorbar.ticktext)
        share = (np.array(one.colorbar.tickvals) - panel.low) / (panel.high - panel.low)
        found = [(note["y"] - bottom) / (top - bottom) for note in beside]
        np.testing.assert_allclose(found, share, atol=1e-12)


def test_the_bar_is_the_scale_from_its_high_end_down_to_its_low_seven_pixels_wide() -> None:
    view = view_of()
    figure = read(quantised(view, height=640))
    for image, heatmap in zip(figure["layout"]["images"], figure["data"], strict=True):
        pixels = pixels_of(image["source"])
        assert pixels.shape[1] == 6 + 7
        assert not pixels[:, :6, 3].any()
        assert (pixels[:, 6:, 3] == 255).all()
        wanted = [unlabel_rgb(shade) for _, shade in (heatmap["colorscale"][i] for i in (-1, 0))]
        np.testing.assert_allclose(pixels[[0, -1], -1, :3], wanted, atol=1)


def pixels_of(address: str) -> np.ndarray:
    """An image as PNG's specification has it: filter type 0 before every row."""
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    columns, rows = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    lines = np.frombuffer(zlib.decompress(data[41 : 41 + length]), np.uint8)
    return lines.reshape(rows, 1 + 4 * columns)[:, 1:].reshape(rows, columns, 4)


def unlabel_rgb(shade: str) -> tuple[float, ...]:
    named = shade if shade.startswith("rgb") else f"rgb{hex_to_rgb(shade)}"
    return tuple(map(float, plotly.colors.unlabel_rgb(named)))


@pytest.mark.parametrize("dark", [False, True])
def test_the_layout_of_lines_is_as_in_the_checked_figure_with_its_template_in_place(
    dark: bool,
) -> None:
    view = view_of("gru")
    ours = read(quantised(view, Look(dark=dark), as_lines=True, height=500))
    theirs = read(go.Figure(panels_figure(view, Look(dark=dark), as_lines=True, height=500)))
    assert ours["layout"].pop("datarevision")
    template = theirs["layout"].pop("template")["layout"]
    for name, axis in theirs["layout"].items():
        if "axis" in name:
            theirs["layout"][name] = template[name.rstrip("0123456789")] | axis
    # No title stands off from the labels of the steps, so that Plotly need not measure them.
    assert ours["layout"]["xaxis"].pop("title") is None
    assert theirs["layout"]["xaxis"].pop("title") == {"standoff": 15}
    assert ours["layout"] == theirs["layout"]
    assert ours["data"] == [one | {"y": without_shape(one["y"])} for one in theirs["data"]]


def test_other_numbers_are_another_revision_and_the_same_numbers_the_same() -> None:
    one, other = panels(traced(1)), panels(traced(2))
    revisions = [quantised(view).to_dict()["layout"]["datarevision"] for view in (one, one, other)]
    assert revisions[0] == revisions[1] != revisions[2]


def traced(seed: int) -> rv.Trace:
    return rv.trace(rv.random_model("lstm", 3, 7, seed=seed), rv.parse("abcab"))


def test_nothing_in_a_heatmap_seems_another_when_plotly_meets_it_again() -> None:
    """Its `react` compares lists by their text, and dictionaries and templates by identity."""
    figure = quantised(view_of(), height=640).to_dict()
    assert all(isinstance(one["meta"], list) for one in figure["data"])
    assert "template" not in figure["layout"]
    axes = [part for name, part in figure["layout"].items() if "axis" in name]
    assert len(axes) == 7
    assert not any("labelalias" in axis for axis in axes)


def test_a_number_that_is_none_is_a_gap_and_no_text() -> None:
    view = view_of()
    hole = view.panels[0].values.copy()
    hole[2, 3] = np.nan
    first = view.panels[0]
    broken = Panel(first.signal, hole, first.units, first.low, first.high)
    figure = read(quantised(Panels((broken,), view.tokens, view.cell, view.is_trained)))
    values = numbers(figure["data"][0]["z"])
    assert np.isnan(values[2, 3])
    np.testing.assert_allclose(np.delete(values, 3, 1), np.delete(first.values, 3, 1), rtol=1e-6)
    assert "NaN" not in json.dumps(figure)


def test_six_heatmaps_take_a_byte_a_cell_and_little_else() -> None:
    trace = rv.trace(rv.random_model("lstm", 10, 64), rv.parse("abcdefghij" * 20))
    text = plotly.io.to_json(quantised(panels(trace), height=640), validate=False)
    cells = 6 * 64 * 200
    assert len(text) < 2 * cells


def test_a_figure_as_a_dictionary_is_a_file_too() -> None:
    figure = to_page({"data": [{"type": "bar", "y": np.array([1.5, 2.5])}], "layout": {}})
    assert "application/json" not in figure.to_html(include_plotlyjs=False)
    assert '"dtype":"f8"' in figure.to_html(include_plotlyjs=False).replace(" ", "")


@pytest.mark.parametrize(
    ("id", "name"), [(id, name) for id in LESSONS for name in lesson_code(id).figures]
)
def test_a_figure_loses_nothing_on_its_way_to_the_page(id: str, name: str) -> None:
    figure = lesson_code(id).figures[name](lesson_code(id).settings({}), Look("zh"))
    theirs, ours = read(go.Figure(figure)), read(to_page(figure))
    template = theirs["layout"].pop("template")
    assert "template" not in ours["layout"]
    assert says(ours, theirs)
    for axis in (axis for axis in ours["layout"] if axis.startswith("xaxis")):
        assert ours["layout"][axis].keys() >= template["layout"]["xaxis"].keys()


def says(more: Any, less: Any) -> bool:
    """Whether one says all that another says; only it may say more."""
    if isinstance(less, dict):
        return all(key in more and says(more[key], part) for key, part in less.items())
    if isinstance(less, list) and less and isinstance(less[0], dict):
        return len(more) == len(less) and all(map(says, more, less))
    return bool(more == less)


@pytest.mark.parametrize(
    "values", [[], [0, 1], [-129, 5], [70_000], [2**31], [-(2**31) - 1, 2**40]]
)
def test_integers_are_sent_as_a_browser_can_hold_them(values: list[int]) -> None:
    sent = typed_array(np.array(values, dtype=np.int64))
    assert sent["dtype"] in ("i1", "i2", "i4", "f8")
    assert np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"]).tolist() == values


def test_the_script_of_pages_without_a_server_is_of_plotlys_own_version() -> None:
    ours, whole = plotly_script(), get_plotlyjs()
    version = re.search(r"plotly\.js v([\d.]+)", whole[:200])
    assert version
    assert f"v{version[1]}\n" in ours[:200]
    assert len(ours) < len(whole) / 3


@pytest.mark.parametrize("id", LESSONS)
def test_the_script_draws_every_trace_of_the_lessons(id: str) -> None:
    code = lesson_code(id)
    figures = (to_page(make(code.settings({}), LOOK)) for make in code.figures.values())
    kinds = {trace["type"] for figure in figures for trace in read(figure)["data"]}
    assert kinds
    for kind in kinds:
        assert f'moduleType:"trace",name:"{kind}"' in plotly_script()
