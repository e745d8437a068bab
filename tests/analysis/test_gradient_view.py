"""Gradients as panels, and at the places of a cell's drawing."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.gradient_view import gradient_panels, node_gradients
from tests.witnesses import assert_close, normal

VALUES = normal(6, 1, 3, seed=2)
TARGETS = [-1, -1, -1, -1, -1, 2]


def read_back(cell: str) -> tuple[rv.Trace, rv.Gradients]:
    model = rv.random_model(cell, 3, 5, seed=4, gain=2, n_outputs=4, dtype=np.float64)
    read = rv.Sequence(VALUES)
    return rv.trace(model, read), rv.gradients(model, read, TARGETS)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "gru_reset_after"])
def test_panels_hold_the_gradients_of_the_units_asked_for_on_one_signed_scale(cell: str) -> None:
    trace, found = read_back(cell)
    view = gradient_panels(trace, found, units=(3, 1))
    assert [panel.signal.name for panel in view.panels] == list(trace.layers[0].signals)
    for panel in view.panels:
        assert_close(panel.values, found[panel.signal.name][:, 0, [1, 3]].T)
        assert panel.units == ("1", "3")
    assert len({(panel.low, panel.high) for panel in view.panels}) == 1
    assert view.panels[0].low == -view.panels[0].high < 0


def test_places_of_an_lstms_drawing_follow_from_the_equations() -> None:
    trace, found = read_back("lstm")
    at = node_gradients(trace, found)
    value = {name: array[:, 0] for name, array in trace.layers[0].signals.items()}
    cell, hidden = found["cell"][:, 0], found["hidden"][:, 0]
    for name in ("kept", "written", "sum", "cell after"):
        assert_close(at[name], cell)
    for name in ("shown", "hidden after"):
        assert_close(at[name], hidden)
    assert_close(at["activated"], value["output"] * hidden)
    # What goes into tanh and what goes on along the cell state is all of ∂L/∂c.
    along = np.concatenate([at["cell before"][1:], np.zeros((1, 5))])
    assert_close(at["activated"] * (1 - np.tanh(value["cell"]) ** 2) + along, cell)
    assert_close(at["hidden before"][1:], hidden[:-1])
    assert_close(at["hidden before"][0], found.layers[0].initial["hidden"][0])
    for gate in ("forget", "input", "candidate", "output"):
        assert_close(at[gate], found[gate][:, 0])


def test_a_cell_in_whose_drawing_wires_meet_has_none() -> None:
    assert node_gradients(*read_back("gru")) == {}
    assert set(node_gradients(*read_back("rnn"))) == {"hidden before", "hidden", "hidden after"}
