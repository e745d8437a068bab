"""Figures show the trace's own numbers, with the scale each signal has."""

from __future__ import annotations

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.panels import Panels, panels, signal_names
from rnnviz.analysis.signal_order import ordered_signals
from rnnviz.figures.colour_raster import colorbar_labels
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.theme import Look

TOKENS = ["<b>fat</b>", "a&b", "&amp;", "%{x}", "<img src=x>"]


def traced(cell: str = "lstm") -> rv.Trace:
    sequence = rv.parse(["abcab", "ca"])
    return rv.trace(rv.random_model(cell, 3, 5, 2, direction="both", seed=4, gain=3), sequence)


def labelled(tokens: list[str]) -> Panels:
    """A view whose time axis has these tokens."""
    sequence = rv.Sequence(np.eye(len(tokens))[:, None], (tuple(tokens),))
    return panels(rv.trace(rv.random_model("gru", len(tokens), 2), sequence))


def shown(label: str) -> str:
    """What a reader sees of a label, by Plotly's rules: tags go, entities become letters."""
    text = re.sub(r"<[^>]*>", "", label)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text


def everything(figure: go.Figure) -> str:
    return json.dumps(json.loads(figure.to_json()), ensure_ascii=False)


@pytest.mark.parametrize("cell", rv.CELLS)
@pytest.mark.parametrize("layer", [0, 3])
def test_every_heatmap_holds_the_values_of_its_signal(cell: str, layer: int) -> None:
    trace = traced(cell)
    figure = rv.figures.gates(trace, layer=layer, row=1)
    for heatmap in figure.data:
        if heatmap.name != "probabilities":
            wanted = trace.layers[layer].signals[heatmap.name][:2, 1].T
            np.testing.assert_array_equal(heatmap.z, wanted)
        assert len(heatmap.x) == heatmap.z.shape[1] == 2
        assert len(heatmap.y) == heatmap.z.shape[0]
    own = [heatmap.name for heatmap in figure.data if heatmap.name != "probabilities"]
    assert own == list(ordered_signals(rv.CELLS[cell]))


def test_one_heatmap_can_be_drawn_alone_with_the_same_scale() -> None:
    (alone,) = rv.figures.heatmap(traced(), "cell", layer=2).data
    beside = next(h for h in rv.figures.gates(traced(), layer=2).data if h.name == "cell")
    np.testing.assert_array_equal(alone.z, beside.z)
    assert (alone.zmin, alone.zmax) == (beside.zmin, beside.zmax)


def test_lines_hold_the_same_values_a_line_a_unit() -> None:
    trace = traced()
    figure = rv.figures.lines(trace, [3, 1], ["forget", "cell"])
    drawn = [np.asarray(line.y) for line in figure.data]
    wanted = [trace[name][:, 0, unit] for name in ("forget", "cell") for unit in (1, 3)]
    np.testing.assert_array_equal(drawn, wanted)
    colours = [line.line.color for line in figure.data]
    assert colours[:2] == colours[2:]
    assert colours[0] != colours[1]


def test_a_line_of_one_step_is_a_point_that_can_be_seen() -> None:
    trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5]]])
    assert {line.mode for line in rv.figures.lines(trace, [0]).data} == {"lines+markers"}


def test_gates_lie_between_0_and_1_and_signed_signals_around_zero() -> None:
    for heatmap in rv.figures.gates(traced()).data:
        if heatmap.name in ("forget", "input", "output"):
            assert (heatmap.zmin, heatmap.zmax) == (0, 1)
        else:
            assert -heatmap.zmin == heatmap.zmax >= np.abs(heatmap.z).max()


@pytest.mark.parametrize("as_lines", [False, True])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_figure_is_valid_and_has_no_number_that_json_lacks(
    cell: str, dark: bool, as_lines: bool
) -> None:
    trace = traced(cell)
    view = panels(trace, signal_names(trace, 3), layer=3, row=1)
    figure = go.Figure(panels_figure(view, Look("zh", dark), as_lines=as_lines))
    read = json.loads(figure.to_json(), parse_constant=pytest.fail)
    assert len(go.Figure(read).data) == len(figure.data)


@pytest.mark.parametrize("as_lines", [False, True])
def test_a_token_that_is_markup_is_shown_as_it_was_typed(as_lines: bool) -> None:
    figure = go.Figure(panels_figure(labelled(TOKENS), Look(), as_lines=as_lines))
    seen = [shown(label.partition("<br>")[2]) for label in figure.layout.xaxis.ticktext]
    assert seen == TOKENS
    assert "<img" not in everything(figure)


def test_an_output_that_is_markup_is_shown_as_it_was_typed() -> None:
    sequence = rv.parse("<b> <b> x", kind="words")
    model = rv.random_model("rnn", sequence.n_features, 2)
    figure = rv.figures.gates(rv.trace(model, sequence))
    labels = figure.layout.yaxis.labelalias
    assert [shown(label) for label in labels.values()] == list(sequence.features)


def test_two_outputs_that_look_alike_keep_their_own_rows() -> None:
    sequence = rv.parse(" \u3000a", kind="characters")
    figure = rv.figures.gates(rv.trace(rv.random_model("rnn", 3, 2), sequence), ["inputs"])
    assert len(set(figure.data[0].y)) == 3


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        (
            "en",
            ["cell state", "forget gate", "input gate", "output gate", "candidate", "hidden state"],
        ),
        ("zh", ["细胞状态", "遗忘门", "输入门", "输出门", "候选值", "隐藏状态"]),
    ],
)
def test_titles_and_hovers_speak_the_language(language: str, titles: list[str]) -> None:
    figure = rv.figures.gates(traced(), language=language)
    for title, note, heatmap in zip(titles, figure.layout.annotations, figure.data, strict=False):
        assert shown(note.text).startswith(f"{title} ")
        assert heatmap.hovertemplate.startswith(f"<b>{title} ")


def test_weights_that_were_never_trained_say_so() -> None:
    said = [note.text for note in rv.figures.gates(traced()).layout.annotations]
    assert said[-1] == "random weights, not trained"
    trace = traced()
    trained = rv.Trace(trace.sequence, trace.layers, trace.outputs, is_trained=True)
    assert "trained" not in everything(rv.figures.gates(trained))


def test_time_goes_from_left_to_right_and_units_from_top_to_bottom() -> None:
    figure = rv.figures.gates(traced(), order="activity")
    first, last = figure.layout.xaxis.range
    assert (first, last) == (-0.5, 4.5)
    assert figure.layout.yaxis.autorange == "reversed"
    order = panels(traced(), order="activity").panels[0].units
    assert tuple(figure.layout.yaxis.labelalias.values()) == order


@pytest.mark.parametrize(
    ("height", "labels"), [(100, ["−1", "0", "1"]), (20, ["−1", "1"]), (8, ["1"])]
)
def test_numbers_of_a_colour_bar_do_not_touch(height: int, labels: list[str]) -> None:
    (panel,) = panels(
        rv.trace(rv.random_model("gru", 2, 2), np.ones((3, 1, 2))), ["candidate"]
    ).panels
    shown = colorbar_labels(panel, [0.0, 0.5], 2 * height, Look())
    assert [label["text"] for label in shown] == labels
