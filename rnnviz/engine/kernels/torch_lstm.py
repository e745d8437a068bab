"""An LSTM by Torch's fused forward: it gives h, the gates follow from h, and the cell from them.

h_{t-1} is known at every step, so all gates are one product over all steps; the cell state is then
summed in order. What comes out is held against Torch's own h and last c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numpy_kernels import sigmoid
from rnnviz.engine.kernels.workspace import Job, enter

_TORCH_ORDER = ("input", "forget", "candidate", "output")
_STEPS_AT_ONCE = 1000


def run(job: Job) -> bool:
    """Fill the job's whole array; False when the two ways do not agree, and it means nothing."""
    enter(job)
    hidden, last = _forward(job)
    job.whole[5] = hidden
    _gates(job)
    _scan(job)
    return _agrees(job, last)


def _forward(job: Job) -> tuple[Array, Array]:
    """Torch's hidden states (time, batch, unit) and last cell state (batch, unit)."""
    import torch

    module = _module(job)
    values = torch.tensor(np.array(job.values, job.whole.dtype, order="C"))
    states = tuple(torch.tensor(np.array(job.states[name][None])) for name in ("hidden", "cell"))
    with torch.inference_mode():
        hidden, (_, cell) = module(values, states)
    return hidden.numpy(), cell[0].numpy()


def _module(job: Job) -> Any:
    import torch

    layer, dtype = job.layer, getattr(torch, job.whole.dtype.name)
    # On "meta" Torch draws no weights, so the user's random numbers do not move on.
    module = torch.nn.LSTM(layer.n_inputs, layer.n_units, device="meta", dtype=dtype)
    module = module.to_empty(device="cpu")
    zeros = np.zeros(layer.n_units)
    for role, name in {"x": "weight_ih", "h": "weight_hh", "b": "bias_ih", "bh": "bias_hh"}.items():
        rows = [layer.weights.get(f"{gate}.{role}", zeros) for gate in _TORCH_ORDER]
        parameter = getattr(module, f"{name}_l0")
        parameter.data.copy_(torch.from_numpy(np.concatenate(rows)))
    return module


def _gates(job: Job) -> None:
    whole, n_units = job.whole, job.layer.n_units
    first = job.states["hidden"][None]
    for start in range(0, whole.shape[1], _STEPS_AT_ONCE):
        part = whole[:, start : start + _STEPS_AT_ONCE]
        before = np.concatenate([first, part[5, :-1]])
        first = part[5, -1:]
        for i in range(4):
            columns = slice(i * n_units, (i + 1) * n_units)
            part[i] += before @ job.weights[:, columns] + job.bias[i]
        sigmoid(part[:3])
        np.tanh(part[3], out=part[3])


def _scan(job: Job) -> None:
    forget, written, _, candidate, cells, _ = job.whole
    np.multiply(written, candidate, out=cells)
    before, kept = job.states["cell"], np.empty_like(job.states["cell"])
    for keep, cell in zip(forget, cells, strict=True):
        cell += np.multiply(keep, before, out=kept)
        before = cell


def _agrees(job: Job, last: Array) -> bool:
    """Whether `o ⊙ tanh(c)` is Torch's h, and the last c its own, to rounding."""
    unit = 4096 * float(np.finfo(job.whole.dtype).eps)
    for start in range(0, job.whole.shape[1], _STEPS_AT_ONCE):
        output, _, cell, hidden = job.whole[2:, start : start + _STEPS_AT_ONCE]
        if not np.abs(output * np.tanh(cell) - hidden).max() <= unit:
            return False
    return bool((np.abs(job.whole[4, -1] - last) <= unit * (1 + np.abs(last))).all())
