"""The figure of a window: light to send, its axis in steps, its words in both languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.window import RecordingWindow, recording_window
from rnnviz.figures.theme import Look
from rnnviz.figures.window import figure as window_figure
from rnnviz.recordings.token_ids import long_text
from tests.recordings.made import recorded, stack
from tests.witnesses import normal

LOOK = Look()


def drawn(
    view: RecordingWindow, how: str = "farthest", look: Look = LOOK, **options: int
) -> go.Figure:
    return go.Figure(window_figure(view, look, how, **options))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> rv.Recording:
    model = rv.random_model("lstm", 2, 512)
    return recorded(model, normal(3000, 2), tmp_path_factory.mktemp("wide"))


@pytest.mark.parametrize("width", [3000, 1024, 512, 480, 200, 64, 1])
@pytest.mark.parametrize("rows", [64, 32])
def test_six_panels_of_512_units_stay_under_a_megabyte(
    wide: rv.Recording, width: int, rows: int
) -> None:
    figure = drawn(recording_window(wide, 0, width, rows=rows))
    assert len(figure.data) == 6
    assert len(figure.to_json().encode()) < 1_000_000


def test_shades_are_the_values_within_half_a_shade(wide: rv.Recording) -> None:
    view = recording_window(wide, 0, 512)
    for panel, heatmap in zip(view.panels, drawn(view, "mean").data, strict=True):
        z = np.asarray(heatmap.z)
        assert z.dtype == np.uint8
        part = z / heatmap.zmax * (panel.high - panel.low) + panel.low
        half = (panel.high - panel.low) / 254 / 2
        np.testing.assert_allclose(part, panel.downsampled.mean, rtol=0, atol=half * 1.001)
        # The colour bar still says values.
        ends = [float(end.replace("−", "-")) for end in heatmap.colorbar.ticktext]
        marks = np.array(heatmap.colorbar.tickvals) / heatmap.zmax
        np.testing.assert_allclose(
            marks * (panel.high - panel.low) + panel.low, ends, rtol=5e-3, atol=5e-3
        )


def test_the_time_axis_counts_steps_and_is_one_for_all(tmp_path: Path) -> None:
    recording = recorded(stack("gru"), normal(1000, 3), tmp_path)
    figure = drawn(recording_window(recording, 130, 390, columns=100))
    layout = figure.layout
    # 260 steps, 4 a column: widened to whole columns, 128 up to 392.
    assert layout.xaxis.range == (128.5, 392.5)
    assert (layout.xaxis.minallowed, layout.xaxis.maxallowed) == (0.5, 1000.5)
    assert layout.xaxis.type == "linear"
    assert (figure.data[0].x0, figure.data[0].dx) == (130.5, 4)
    assert layout.xaxis2.matches == "x"
    assert layout.yaxis.fixedrange
    assert layout.yaxis4.fixedrange
    assert "±" in figure.data[0].hovertemplate


def test_tokens_stand_over_single_steps_and_are_shown_as_typed(tmp_path: Path) -> None:
    recording = recorded(stack("rnn", n_inputs=5), long_text("<b>&\n"), tmp_path)
    axis = drawn(recording_window(recording)).layout.xaxis
    assert axis.tickvals == (1, 2, 3, 4, 5)
    assert [text.partition("<br>")[2] for text in axis.ticktext] == [
        "&lt;",
        "b",
        "&gt;",
        "&amp;",
        "⏎",
    ]


def test_panels_stand_where_those_of_a_trace_stand(tmp_path: Path) -> None:
    model, values = stack("lstm", 1, both=False), normal(50, 3)
    mine = drawn(recording_window(recorded(model, values, tmp_path))).layout
    its = rv.figures.gates(rv.trace(model, values)).layout
    assert mine.height == its.height
    assert mine.margin == its.margin
    for axis in ("yaxis", "yaxis2", "yaxis7"):
        np.testing.assert_allclose(mine[axis].domain, its[axis].domain, atol=1e-9)
    assert [note.text for note in mine.annotations] == [note.text for note in its.annotations]


def test_words_and_colours_follow_language_and_ground(tmp_path: Path) -> None:
    view = recording_window(recorded(stack("gru"), normal(50, 3), tmp_path))
    figure = drawn(view, look=Look("zh", True), height=700)
    assert "更新门" in figure.layout.annotations[3].text
    assert "更新门" in figure.data[3].hovertemplate
    assert figure.layout.height == 700
    assert figure.layout.font.color != drawn(view).layout.font.color
