"""Windows of a recording as panels: nothing that stands out is left out, whatever the zoom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.colour_range import colour_range
from rnnviz.analysis.panels import panels
from rnnviz.analysis.window import AGGREGATIONS, aggregated, recorded_signal_names, recording_window
from rnnviz.figures.theme import Look
from rnnviz.figures.window import figure as window_figure
from rnnviz.i18n import word
from rnnviz.recordings.token_ids import long_text
from tests.recordings.made import recorded, stack
from tests.witnesses import normal

STEPS, SPIKE, UNIT = 5000, 3217, 3


def spiked() -> tuple[rv.Model, np.ndarray]:
    """A network whose every signal is calm but at one step, for all units but one."""
    gates = ("forget", "input", "candidate", "output")
    weights: dict[str, np.ndarray] = {}
    for gate in gates:
        inputs = np.zeros((40, 1))
        inputs[UNIT] = -9 if gate == "forget" else 9
        weights |= {f"{gate}.x": inputs, f"{gate}.h": np.zeros((40, 40))}
        # The state is forgotten at once, so that the step after is calm again.
        weights[f"{gate}.b"] = np.full(40, -20.0 if gate == "forget" else -1.0)
    weights["forget.x"] = -weights["forget.x"]
    readout = rv.Readout(np.eye(3, 40, UNIT), np.zeros(3), activation="linear")
    values = np.zeros((STEPS, 1))
    values[SPIKE] = 3
    return rv.Model((rv.Layer("lstm", "forward", weights),), readout), values


@pytest.fixture(scope="module")
def spike(tmp_path_factory: pytest.TempPathFactory) -> rv.Recording:
    return recorded(*spiked(), tmp_path_factory.mktemp("spike"))


@pytest.mark.parametrize("width", [STEPS, 4000, 1500, 700, 128, 40, 3, 1])
@pytest.mark.parametrize("columns", [512, 60, 7])
@pytest.mark.parametrize("rows", [64, 6])
def test_one_step_that_stands_out_is_found_at_every_zoom(
    spike: rv.Recording, width: int, columns: int, rows: int
) -> None:
    start = max(0, min(SPIKE - width // 3, STEPS - width))
    view = recording_window(
        spike,
        start,
        start + width,
        columns=columns,
        rows=rows,
        signals=recorded_signal_names(spike),
    )
    drawn = window_figure(view, Look())["data"]
    assert [one["name"] for one in drawn] == [
        "inputs",
        "outputs",
        "cell",
        "forget",
        "input",
        "output",
        "candidate",
        "hidden",
    ]
    for panel, heatmap in zip(view.panels, drawn, strict=True):
        z = np.asarray(heatmap["z"]).astype(float)
        assert z.shape == (len(panel.units), view.n_columns)
        size = -(-40 // rows) if panel.signal.axis == "unit" else 1
        row = {"inputs": 0, "outputs": 0}.get(panel.signal.name, UNIT // size)
        column = (SPIKE - view.start) // view.step
        here = z[row, column]
        # The colours of the place are at least a third of the scale from all the others'.
        others = np.delete(z.ravel(), row * z.shape[1] + column)
        if others.size:
            assert np.abs(others - here).min() > (heatmap["zmax"] - heatmap["zmin"]) / 3, (
                panel.signal
            )
        at = heatmap["x0"] + column * heatmap["dx"]
        assert abs(at - (SPIKE + 1)) <= view.step / 2


def test_a_window_of_few_steps_shows_the_traces_own_numbers(tmp_path: Path) -> None:
    model, values = stack("lstm"), normal(300, 3)
    recording, whole = recorded(model, values, tmp_path), rv.trace(model, values)
    view = recording_window(
        recording, 120, 150, layer=3, signals=("inputs", "cell", "probabilities")
    )
    wanted = panels(whole, ("inputs", "cell", "probabilities"), layer=3)
    assert (view.start, view.stop, view.step, view.n_columns) == (120, 150, 1, 30)
    assert view.tokens == wanted.tokens[120:150]
    for panel, other in zip(view.panels, wanted.panels, strict=True):
        for how in AGGREGATIONS:
            np.testing.assert_allclose(
                aggregated(panel, how).values, other.values[:, 120:150], atol=1e-6
            )
        # The scale is the whole recording's, whatever the window.
        least, _, most = recording.unit_statistics(3, panel.signal.name)
        reach = colour_range(panel.signal, np.stack([least, most]))
        np.testing.assert_allclose((panel.low, panel.high), reach, rtol=1e-6)
        assert panel.units == other.units
        assert aggregated(panel).axis == other.axis


def test_what_is_shown_of_a_column_is_the_asked_one(tmp_path: Path) -> None:
    values = np.zeros((64, 1))
    values[:32, 0] = np.tile([1.0, -3.0], 16)
    values[32:, 0] = np.tile([5.0, -3.0], 16)
    view = recording_window(
        recorded(stack("rnn", n_inputs=1), values, tmp_path), columns=2, signals=["inputs"]
    )
    got = {how: aggregated(view.panels[0], how).values.tolist() for how in AGGREGATIONS}
    # The mean over all is 0: −3 is farther from it than 1, and 5 than −3.
    assert got == {
        "farthest": [[-3.0, 5.0]],
        "mean": [[-1.0, 1.0]],
        "least": [[-3.0, -3.0]],
        "most": [[1.0, 5.0]],
    }
    with pytest.raises(rv.InputError, match='shown by farthest, mean, least, most, but "max"'):
        aggregated(view.panels[0], "max")


@pytest.mark.parametrize("order", ["index", "activity", "similarity"])
def test_units_stand_in_the_order_asked_for_and_in_groups(order: str, tmp_path: Path) -> None:
    model, values = stack("gru", 1, both=False), normal(40, 3)
    recording = recorded(model, values, tmp_path)
    wanted = panels(rv.trace(model, values), ["hidden"], order=order).panels[0]
    view = recording_window(recording, order=order, signals=["hidden"]).panels[0]
    assert view.units == wanted.units
    np.testing.assert_allclose(aggregated(view).values, wanted.values, atol=1e-6)
    grouped = recording_window(recording, order=order, signals=["hidden"], rows=2).panels[0]
    first = wanted.units[:3]
    assert grouped.units[0] == (f"{first[0]}–{first[2]}" if order == "index" else ", ".join(first))
    np.testing.assert_allclose(grouped.downsampled.min[0], wanted.values[:3].min(axis=0), atol=1e-6)


def test_only_the_units_asked_for_are_shown(tmp_path: Path) -> None:
    recording = recorded(stack("lstm"), normal(40, 3), tmp_path)
    view = recording_window(recording, units=[4, 1], signals=["cell", "inputs"])
    assert [panel.units for panel in view.panels] == [("1", "4"), ("x0", "x1", "x2")]
    with pytest.raises(rv.InputError, match="no unit 5: it has"):
        recording_window(recording, units=[5])
    with pytest.raises(rv.InputError, match="no layer 4: it has"):
        recording_window(recording, layer=4)
    with pytest.raises(rv.InputError, match='but "reset" was asked for'):
        recording_window(recording, signals=["reset"])
    with pytest.raises(rv.InputError, match="ordered by telling, index"):
        recording_window(recording, order="size")


def test_the_answer_stands_with_every_level_and_a_text_has_no_panel_of_inputs(
    tmp_path: Path,
) -> None:
    recording = recorded(stack("rnn", n_inputs=5), long_text("a <b\n" * 9), tmp_path)
    for layer in (0, 2):
        assert recorded_signal_names(recording, layer) == ("probabilities", "hidden")
    assert recording_window(recording, 2, 6).tokens == ("<", "b", "⏎", "a")
    assert recording_window(recording, columns=4).tokens == ()


def test_a_projection_has_rows_of_its_own(tmp_path: Path) -> None:
    model = stack("lstm_projected", 1, both=False)
    view = recording_window(recorded(model, normal(40, 3), tmp_path), units=[2])
    shapes = {panel.signal.name: aggregated(panel).values.shape[0] for panel in view.panels}
    assert shapes["cell"] == 1
    assert shapes["hidden"] == model.layers[0].width("hidden")


def test_a_picture_of_random_weights_says_so(tmp_path: Path) -> None:
    for trained in (True, False):
        model = replace(stack("rnn"), is_trained=trained)
        view = recording_window(recorded(model, normal(9, 3), tmp_path / str(trained)))
        notes = window_figure(view, Look())["layout"]["annotations"]
        assert (word("figure.untrained") in [note["text"] for note in notes]) is not trained
