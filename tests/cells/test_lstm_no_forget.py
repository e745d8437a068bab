"""The LSTM of 1997 against its formula and against torch.nn.LSTM with an open forget gate."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import BATCH, INPUT, UNIT, assert_close, normal, sigmoid

GATES = ("input", "candidate", "output")


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_the_lstm_of_1997_is_its_formula_from_a_random_state(backend: str) -> None:
    one = layer("lstm_no_forget")
    w, h, c = one.weights, one.initial["hidden"], one.initial["cell"]
    got = rv.trace(rv.Model((one,)), SEQUENCE, backend=backend)
    for t, x in enumerate(SEQUENCE.values):
        i, g, o = (
            x @ w[f"{gate}.x"].T + w[f"{gate}.b"] + h @ w[f"{gate}.h"].T + w[f"{gate}.bh"]
            for gate in GATES
        )
        i, g, o = sigmoid(i), np.tanh(g), sigmoid(o)
        c = c + i * g
        h = o * np.tanh(c)
        real = SEQUENCE.is_real[t]
        wanted = {"input": i, "candidate": g, "output": o, "cell": c, "hidden": h}
        for name, values in wanted.items():
            assert_close(got[name][t, real], values[real])


def test_it_is_torch_s_lstm_whose_forget_gate_is_wide_open() -> None:
    one = layer("lstm_no_forget")
    module = torch.nn.LSTM(INPUT, UNIT, dtype=torch.float64)
    rows = {"weight_ih_l0": "x", "weight_hh_l0": "h", "bias_ih_l0": "b", "bias_hh_l0": "bh"}
    for name, role in rows.items():
        parts = [one.weights[f"{gate}.{role}"] for gate in GATES]
        # In torch's order the forget gate is the second; a bias of 100 makes it 1.
        open_ = np.full_like(parts[0], 100.0) if role == "b" else np.zeros_like(parts[0])
        stacked = np.concatenate([parts[0], open_, *parts[1:]])
        getattr(module, name).data = torch.tensor(stacked)
    values = normal(7, BATCH, INPUT, seed=4)
    start = [torch.tensor(one.initial[name])[None] for name in ("hidden", "cell")]
    with torch.no_grad():
        hidden, (_, cell) = module(torch.tensor(values), tuple(start))
    got = rv.trace(rv.Model((one,)), values)
    assert_close(got["hidden"], hidden.numpy())
    assert_close(got["cell"][-1], cell[0].numpy())
