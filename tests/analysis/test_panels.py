"""Panels are slices of the trace and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.panels import panels, signal_names
from rnnviz.analysis.signal_order import ordered_signals

TEXTS = ["abcab", "cab"]


def traced(
    cell: str = "lstm", direction: str = "both", layers: int = 2, gain: float = 3
) -> rv.Trace:
    sequence = rv.parse(TEXTS, kind="characters")
    model = rv.random_model(
        cell, sequence.n_features, 5, layers, direction=direction, seed=4, gain=gain
    )
    return rv.trace(model, sequence)


@pytest.mark.parametrize("cell", rv.CELLS)
@pytest.mark.parametrize("layer", range(4))
@pytest.mark.parametrize("row", [0, 1])
def test_panels_hold_the_trace_s_own_values_without_padding(
    cell: str, layer: int, row: int
) -> None:
    trace = traced(cell)
    view = panels(trace, layer=layer, row=row)
    assert view.tokens == tuple(TEXTS[row])
    assert view.n_steps == len(TEXTS[row])
    own = [panel for panel in view.panels if panel.signal.kind not in ("probability", "output")]
    assert [panel.signal.name for panel in own] == list(ordered_signals(rv.CELLS[cell]))
    for panel in own:
        signal = trace.layers[layer].signals[panel.signal.name]
        n_lines = trace.layers[layer].signals["hidden"].shape[2] if panel.has_own_axis else 5
        wanted = [[signal[t, row, u] for t in range(view.n_steps)] for u in range(n_lines)]
        np.testing.assert_array_equal(panel.values, wanted)
        assert not np.isnan(panel.values).any()


def test_the_layers_of_both_directions_and_levels_differ() -> None:
    trace = traced()
    hidden = [panels(trace, ["hidden"], layer=layer).panels[0].values for layer in range(4)]
    for i, one in enumerate(hidden):
        for other in hidden[:i]:
            assert not np.allclose(one, other)


@pytest.mark.parametrize("order", ["activity", "similarity"])
def test_every_panel_has_its_units_in_the_one_order_and_says_so(order: str) -> None:
    trace = traced()
    plain, ordered = panels(trace, layer=1), panels(trace, layer=1, order=order)
    labels = ordered.panels[0].units
    assert labels != plain.panels[0].units
    for before, after in zip(plain.panels, ordered.panels, strict=True):
        assert after.units == labels
        np.testing.assert_array_equal(after.values, before.values[[int(u) for u in labels]])


def test_units_left_out_leave_the_others_in_their_order() -> None:
    (panel,) = panels(traced(), ["cell"], units=[4, 1, 1]).panels
    assert panel.units == ("1", "4")
    np.testing.assert_array_equal(panel.values, traced()["cell"][:, 0, [1, 4]].T)


@pytest.mark.parametrize("layer", range(4))
def test_the_answer_stands_over_every_layer_and_carries_the_outputs_names(layer: int) -> None:
    trace = traced("rnn")
    assert signal_names(trace, layer) == ("inputs", "probabilities", "hidden")
    panel = panels(trace, layer=layer).panels[0]
    assert panel.units == trace.output_names == ("a", "b", "c")
    np.testing.assert_array_equal(panel.values, trace.outputs[:, 0].T)
    np.testing.assert_allclose(panel.values.sum(axis=0), 1, rtol=1e-5)
    assert panel.low == 0


def test_inputs_are_what_the_network_reads() -> None:
    (panel,) = panels(traced(), ["inputs"], row=1).panels
    assert panel.units == ("a", "b", "c")
    np.testing.assert_array_equal(panel.values, [[0, 1, 0], [0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize("gain", [0, 1, 10])
def test_gates_have_a_fixed_scale_and_signed_signals_one_around_zero(gain: float) -> None:
    for panel in panels(traced(gain=gain)).panels:
        if panel.signal.kind == "gate":
            assert (panel.low, panel.high) == (0, 1)
        else:
            assert -panel.low == panel.high > 0
        beyond = (panel.values < panel.low - 1e-6) | (panel.values > panel.high + 1e-6)
        np.testing.assert_array_equal(panel.is_cut, beyond)
        assert panel.signal.high == np.inf or not beyond.any()


def test_a_scale_is_the_layer_s_own_whichever_units_are_shown() -> None:
    scales = {
        (panel.low, panel.high)
        for unit in range(5)
        for panel in panels(traced(gain=10), ["cell"], units=[unit]).panels
    }
    assert len(scales) == 1


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"layer": 4}, "no layer 4: it has 4"),
        ({"layer": -1}, "no layer -1: it has"),
        ({"row": 2}, "no row 2: it has 2"),
        ({"units": [5]}, "no unit 5: it has 5"),
        ({"signals": ["update"]}, 'cell, forget, .* but "update"'),
        ({"signals": ["probabilities"]}, "probabilities"),
        ({"order": "size"}, "size"),
    ],
)
def test_what_the_trace_does_not_have_is_refused_in_a_sentence(
    choice: dict[str, object], said: str
) -> None:
    with pytest.raises(rv.InputError, match=said):
        panels(traced(), **choice)
