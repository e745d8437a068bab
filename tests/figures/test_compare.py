"""Side by side in a figure: every run's own numbers, one scale, one place for one signal."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.compare import Comparison, comparison
from rnnviz.figures.compare import figure as comparison_figure
from rnnviz.figures.theme import Look

CELLS = ("rnn", "lstm", "gru")
LOOK = Look()
NAMES = ("RNN", "<b>LSTM</b>", "GRU")


def traced(cell: str, text: str = "abcab", units: int = 5) -> rv.Trace:
    sequence = rv.parse(text, kind="characters", vocabulary=tuple("abc"))
    return rv.trace(rv.random_model(cell, 3, units, 2, seed=4, gain=3), sequence)


def drawn(
    view: Comparison, only: list[int] | None = None, look: Look = LOOK, **options: bool
) -> go.Figure:
    return go.Figure(comparison_figure(view, look, only, **options))


def test_every_heatmap_holds_its_run_s_signal_and_one_name_has_one_scale() -> None:
    traces = [traced(cell, units=units) for cell, units in zip(CELLS, (3, 5, 4), strict=True)]
    figure = rv.figures.compare(traces, NAMES)
    left = [figure.layout["xaxis" + heatmap.xaxis[1:]].domain[0] for heatmap in figure.data]
    run_of = dict(zip(sorted(set(left)), traces, strict=True))
    scales: dict[str, set[tuple[float, float]]] = {}
    for at, heatmap in zip(left, figure.data, strict=True):
        np.testing.assert_array_equal(heatmap.z, run_of[at][heatmap.name][:, 0].T)
        scales.setdefault(heatmap.name, set()).add((heatmap.zmin, heatmap.zmax))
    assert {len(found) for found in scales.values()} == {1}
    # An answer is shown for all runs or none, and the LSTM and the GRU have none.
    assert len(figure.data) == 1 + 6 + 4


def test_one_signal_stands_at_one_height_in_all_runs_and_what_is_missing_is_said() -> None:
    figure = rv.figures.compare([traced(cell) for cell in CELLS], NAMES)
    height = {
        (heatmap.name, heatmap.xaxis): figure.layout["yaxis" + heatmap.yaxis[1:]].domain
        for heatmap in figure.data
    }
    for name in ("hidden", "candidate"):
        assert len({at for (shown, _), at in height.items() if shown == name}) == 1
    said = [note.text for note in figure.layout.annotations]
    assert "no candidate in RNN" in said
    assert "<b>&lt;b&gt;LSTM&lt;/b&gt;</b>" in said


def test_the_time_axis_is_the_same_under_every_run_and_gaps_are_empty_on_grey() -> None:
    figure = rv.figures.compare([traced("gru"), traced("gru", "abab")], ["one", "other"])
    ranges = {tuple(axis.range) for axis in figure.select_xaxes()}
    assert ranges == {(-0.5, 4.5)}
    gaps = [np.isnan(heatmap.z).all(axis=0).nonzero()[0].tolist() for heatmap in figure.data]
    assert sorted(map(tuple, gaps)) == [()] * 4 + [(2,)] * 4
    assert figure.layout.plot_bgcolor != "rgba(0,0,0,0)"
    assert not any(heatmap.hoverongaps for heatmap in figure.data)


def test_a_run_drawn_alone_has_the_numbers_and_scales_it_has_beside_the_others() -> None:
    view = comparison([traced(cell) for cell in CELLS], NAMES)
    together = {(h.name, np.asarray(h.z).tobytes()): (h.zmin, h.zmax) for h in drawn(view).data}
    for run in range(3):
        for heatmap in drawn(view, [run]).data:
            key = (heatmap.name, np.asarray(heatmap.z).tobytes())
            assert together.pop(key) == (heatmap.zmin, heatmap.zmax)
    assert not together


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_figure_can_be_written_as_json(cell: str, dark: bool) -> None:
    view = comparison([traced("lstm"), traced(cell, "abab")], ["one", "other"])
    figure = drawn(view, look=Look("zh", dark))
    json.loads(figure.to_json(), parse_constant=pytest.fail)


def test_a_light_picture_holds_shades_where_a_run_has_every_step_and_numbers_where_not() -> None:
    view = comparison([traced("gru"), traced("gru", "abab")], ["one", "other"])
    whole, gaps = (drawn(view, [run], is_quantised=True) for run in (0, 1))
    for heatmap, panel in zip(whole.data, view.runs[0].panels, strict=True):
        assert (heatmap.z.dtype, heatmap.hoverinfo) == (np.dtype("uint8"), "none")
        shade = (panel.high - panel.low) / heatmap.zmax
        wanted = np.clip(panel.values, panel.low, panel.high)
        assert abs(panel.low + heatmap.z * shade - wanted).max() <= shade / 2 + 1e-6
    for heatmap, panel in zip(gaps.data, view.runs[1].panels, strict=True):
        np.testing.assert_array_equal(heatmap.z, panel.values.astype(np.float32))
        assert heatmap.hovertemplate
