"""The cube of three bits: the points are fixed, by PyTorch's own GRU, and the corners are bits."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch

import rnnviz as rv
from rnnviz.analysis.fixed_points import FixedPoints
from rnnviz.train import preset

HOLDS = True


def test_the_points_stay_in_torch_and_the_corners_answer_every_combination_of_bits() -> None:
    found = rv.findings.reproduce("flip_flop_cube").view
    assert isinstance(found, FixedPoints)
    model = preset("flip_flop_gru").model()
    layer, readout = model.layers[0], model.readout
    assert readout is not None
    cell = torch.nn.GRUCell(3, layer.n_units).double()
    parts = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}
    gates = ("reset", "update", "candidate")
    stacked = {
        name: np.concatenate([layer.weights[f"{gate}.{part}"] for gate in gates])
        for name, part in parts.items()
    }
    cell.load_state_dict({name: torch.from_numpy(array) for name, array in stacked.items()})
    states = torch.from_numpy(found.states.copy()).double()
    after = cell(torch.zeros(len(states), 3).double(), states).detach().numpy()
    np.testing.assert_allclose(after, found.states, rtol=0, atol=1e-6)
    corners = np.array([one.states for one in found if one.n_unstable == 0])
    answers = corners @ readout.weights.T + readout.bias
    assert {tuple(row) for row in np.sign(answers).tolist()} == set(product((-1.0, 1.0), repeat=3))
