"""LSTM kernel for hidden states that are known: the gates follow from h, and c from the gates.

h_{t-1} is known at every step, so all gates are one product over all steps; the cell state is then
summed in order. `o ⊙ tanh(c)` must be the h that is known.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numpy_kernels import sigmoid_in_place
from rnnviz.engine.kernels.workspace import Workspace, load_input_products

STEPS_AT_ONCE = 1000
ROUNDINGS = 4096
"""Units in the last place by which two ways to compute the same may differ."""


def run_known_hidden(workspace: Workspace, hidden: Array) -> bool:
    """Fill the buffers; False when h is none that this layer gives, and they mean nothing.

    hidden  (time, batch, unit) in reading order. The buffer of h gets `o ⊙ tanh(c)`, so that it
            can be held against this.
    """
    load_input_products(workspace)
    fill_from_hidden(workspace, hidden)
    if not is_same_hidden(workspace):
        return False
    for at, made in _hidden_made(workspace):
        workspace["hidden"][at] = made
    return True


def fill_from_hidden(workspace: Workspace, hidden: Array) -> None:
    """Gates and cell states of all steps, and h itself; the gates hold `W_x x_t` before."""
    workspace["hidden"][:] = hidden
    for start in range(0, len(hidden), STEPS_AT_ONCE):
        _fill_gates(workspace, start)
    _fill_cell(workspace)


def is_same_hidden(workspace: Workspace) -> bool:
    """True when `o ⊙ tanh(c)` is h, to rounding."""
    hidden = workspace["hidden"]
    return all(
        np.abs(made - hidden[at]).max() <= tolerance(workspace)
        for at, made in _hidden_made(workspace)
    )


def tolerance(workspace: Workspace) -> float:
    """What numbers around 1 may differ by."""
    return ROUNDINGS * float(np.finfo(workspace.linear.dtype).eps)


def _hidden_made(workspace: Workspace) -> Iterator[tuple[slice, Array]]:
    output, cells = workspace["output"], workspace["cell"]
    for start in range(0, len(cells), STEPS_AT_ONCE):
        at = slice(start, start + STEPS_AT_ONCE)
        yield at, output[at] * np.tanh(cells[at])


def _fill_gates(workspace: Workspace, start: int) -> None:
    """Gates of some steps at once, from the hidden states before them."""
    steps, n_units = slice(start, start + STEPS_AT_ONCE), workspace.layer.n_units
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
