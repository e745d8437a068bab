"""The LSTM with a diagonal recurrence against its formula and against torch.nn.LSTM."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import BATCH, INPUT, UNIT, assert_close, normal, sigmoid

GATES = ("forget", "input", "candidate", "output")
# The order of torch.nn.LSTM.
TORCH = ("input", "forget", "candidate", "output")
both = pytest.mark.parametrize("backend", ["numpy", "torch"])


def test_all_four_recurrent_weights_are_one_number_a_unit() -> None:
    model = rv.random_model("lstm_diagonal", INPUT, UNIT, n_layers=2, bidirectional=True)
    for one in model.layers:
        assert {one.weights[f"{gate}.h"].shape for gate in GATES} == {(UNIT,)}


@both
def test_the_diagonal_lstm_is_its_formula_from_a_random_state(backend: str) -> None:
    one = layer("lstm_diagonal")
    w, h, c = one.weights, one.initial["hidden"], one.initial["cell"]
    got = rv.trace(rv.Model((one,)), SEQUENCE, backend=backend)
    for t, x in enumerate(SEQUENCE.values):
        f, i, g, o = (
            x @ w[f"{gate}.x"].T + w[f"{gate}.b"] + w[f"{gate}.h"] * h + w[f"{gate}.bh"]
            for gate in GATES
        )
        f, i, g, o = sigmoid(f), sigmoid(i), np.tanh(g), sigmoid(o)
        c = f * c + i * g
        h = o * np.tanh(c)
        real = SEQUENCE.is_real[t]
        wanted = {"forget": f, "input": i, "candidate": g, "output": o, "cell": c, "hidden": h}
        for name, values in wanted.items():
            assert_close(got[name][t, real], values[real])


def a_module(one: rv.Layer) -> torch.nn.LSTM:
    """torch.nn.LSTM with the layer's vectors on the diagonals of its recurrent matrices."""
    module = torch.nn.LSTM(INPUT, UNIT, dtype=torch.float64)
    rows = {"weight_ih_l0": "x", "weight_hh_l0": "h", "bias_ih_l0": "b", "bias_hh_l0": "bh"}
    for name, role in rows.items():
        parts = [one.weights[f"{gate}.{role}"] for gate in TORCH]
        stacked = np.concatenate([np.diag(part) if role == "h" else part for part in parts])
        getattr(module, name).data = torch.tensor(stacked)
    return module


def test_the_diagonal_lstm_is_torch_s_with_diagonal_matrices() -> None:
    one = layer("lstm_diagonal")
    values = normal(7, BATCH, INPUT, seed=4)
    start = [torch.tensor(one.initial[name])[None] for name in ("hidden", "cell")]
    with torch.no_grad():
        hidden, (_, cell) = a_module(one)(torch.tensor(values), tuple(start))
    got = rv.trace(rv.Model((one,)), values)
    assert_close(got["hidden"], hidden.numpy())
    assert_close(got["cell"][-1], cell[0].numpy())


def test_a_push_on_one_unit_reaches_no_other_unit_of_its_layer() -> None:
    model = rv.random_model("lstm_diagonal", INPUT, UNIT, dtype=np.float64)
    values = normal(7, 1, INPUT, seed=4)
    pushed = rv.trace(model, values, intervene=[rv.SetState("hidden", 0.9, step=1, units=[2])])
    moved = pushed["hidden"] != rv.trace(model, values)["hidden"]
    assert moved[1:, 0, 2].all()
    assert not np.delete(moved, 2, axis=2).any()
