"""LSTM kernel by Torch's fused forward: it gives h, and the rest follows (`known_hidden`).

The result is checked against Torch's own h and last c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.engine.kernels.known_hidden import fill_from_hidden, is_same_hidden, tolerance
from rnnviz.engine.kernels.workspace import Workspace, load_input_products


def run_torch_lstm(workspace: Workspace) -> bool:
    """Fill the buffers; False when the two ways do not agree, and the buffers mean nothing."""
    load_input_products(workspace)
    hidden, last_cell = _forward(workspace)
    fill_from_hidden(workspace, hidden)
    return _agrees(workspace, last_cell)


def _forward(workspace: Workspace) -> tuple[Array, Array]:
    """Torch's hidden states (time, batch, unit) and last cell state (batch, unit)."""
    import torch

    module = _module(workspace)
    values = torch.tensor(np.array(workspace.values, workspace.linear.dtype, order="C"))
    initial = workspace.initial
    states = tuple(torch.tensor(np.array(initial[name][None])) for name in ("hidden", "cell"))
    with torch.inference_mode():
        hidden, (_, cell) = module(values, states)
    return hidden.numpy(), cell[0].numpy()


def _module(workspace: Workspace) -> Any:
    import torch

    linear, layer = workspace.linear, workspace.layer
    dtype = getattr(torch, linear.dtype.name)
    # On "meta" Torch draws no weights, so the user's random numbers do not move on.
    module = torch.nn.LSTM(layer.n_inputs, layer.n_units, device="meta", dtype=dtype)
    module = module.to_empty(device="cpu")
    gates = GATE_ORDER["torch"]["lstm"]
    rows = {
        role: np.concatenate([linear.weights[f"{gate}.{role}"] for gate in gates])
        for role in ("x", "h")
    }
    stacked = {
        "weight_ih_l0": rows["x"],
        "weight_hh_l0": rows["h"],
        "bias_ih_l0": linear.bias("b", gates),
        "bias_hh_l0": linear.bias("bh", gates),
    }
    for name, array in stacked.items():
        getattr(module, name).data.copy_(torch.from_numpy(array))
    return module


def _agrees(workspace: Workspace, last_cell: Array) -> bool:
    """True when `o ⊙ tanh(c)` is Torch's h, and the last c its own, to rounding."""
    if not is_same_hidden(workspace):
        return False
    unit, cells = tolerance(workspace), workspace["cell"]
    return bool((np.abs(cells[-1] - last_cell) <= unit * (1 + np.abs(last_cell))).all())
