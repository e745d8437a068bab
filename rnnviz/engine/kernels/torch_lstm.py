"""LSTM kernel by Torch's fused forward: it gives h, the gates follow from h, and c from the gates.

h_{t-1} is known at every step, so all gates are one product over all steps; the cell state is then
summed in order. The result is checked against Torch's own h and last c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.engine.kernels.numpy_kernels import sigmoid_in_place
from rnnviz.engine.kernels.workspace import Workspace, load_input_products

_STEPS_AT_ONCE = 1000


def run_torch_lstm(workspace: Workspace) -> bool:
    """Fill the buffers; False when the two ways do not agree, and the buffers mean nothing."""
    load_input_products(workspace)
    hidden, last_cell = _forward(workspace)
    workspace["hidden"][:] = hidden
    for start in range(0, len(hidden), _STEPS_AT_ONCE):
        _fill_gates(workspace, start)
    _fill_cell(workspace)
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


def _fill_gates(workspace: Workspace, start: int) -> None:
    """Gates of some steps at once, from the hidden states before them."""
    steps, n_units = slice(start, start + _STEPS_AT_ONCE), workspace.layer.n_units
    hidden = workspace["hidden"]
    last = hidden[start - 1] if start else workspace.initial["hidden"]
    before = np.concatenate([last[None], hidden[steps][:-1]])
    for i, gate in enumerate(workspace.gate_names):
        weights = workspace.weights[:, i * n_units : (i + 1) * n_units]
        workspace[gate][steps] += before @ weights + workspace.bias[i]
    sigmoid_in_place(workspace.sigmoid_gates[steps].swapaxes(0, 1))
    candidate = workspace["candidate"][steps]
    np.tanh(candidate, out=candidate)


def _fill_cell(workspace: Workspace) -> None:
    forget, cells, before = workspace["forget"], workspace["cell"], workspace.initial["cell"]
    np.multiply(workspace["input"], workspace["candidate"], out=cells)
    kept = np.empty_like(before)
    for keep, cell in zip(forget, cells, strict=True):
        cell += np.multiply(keep, before, out=kept)
        before = cell


def _agrees(workspace: Workspace, last_cell: Array) -> bool:
    """True when `o ⊙ tanh(c)` is Torch's h, and the last c its own, to rounding."""
    unit = 4096 * float(np.finfo(workspace.linear.dtype).eps)
    output, cells, hidden = (workspace[name] for name in ("output", "cell", "hidden"))
    for start in range(0, len(hidden), _STEPS_AT_ONCE):
        at = slice(start, start + _STEPS_AT_ONCE)
        if not np.abs(output[at] * np.tanh(cells[at]) - hidden[at]).max() <= unit:
            return False
    return bool((np.abs(cells[-1] - last_cell) <= unit * (1 + np.abs(last_cell))).all())
