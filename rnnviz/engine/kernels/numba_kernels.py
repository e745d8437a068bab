"""Kernels of GRU and RNN compiled by numba, one per cell; imported only when one is selected.

The equations are those of `rnnviz.cells`. In every function `buffers` is (signal, time, batch,
unit), `product` the recurrent product (row, gate·unit) and `first` the workspace's first row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS, sigmoid, tanh
from rnnviz.engine.kernels.numba_matmul import matmul, pack_panels, product_buffer
from rnnviz.engine.kernels.workspace import BUFFERS, Workspace

# A gate has one position in the buffers, in the product's columns and in the biases.
_RESET, _UPDATE, _GRU_CANDIDATE, _GRU_HIDDEN = map(
    BUFFERS["gru"].index, ("reset", "update", "candidate", "hidden")
)


def run_numba_kernel(workspace: Workspace) -> None:
    """Fill the workspace's rows of the buffers."""
    # Copies, because numba would compile once more for what is read-only.
    states = [np.array(workspace.initial[n], order="C") for n in workspace.layer.cell.states]
    _CELLS[workspace.layer.cell_name](workspace, *states)


def _gru_reset_after(workspace: Workspace, hidden: Array) -> None:
    panels = pack_panels(workspace.weights)
    product = product_buffer(len(hidden), panels)
    on, biases = (
        (workspace.buffers, workspace.rows.start),
        (workspace.bias, workspace.recurrent_bias),
    )
    _gru_reset_after_steps(*on, panels, product, *biases, hidden)


def _gru(workspace: Workspace, hidden: Array) -> None:
    split = 2 * workspace.layer.n_units
    gates = pack_panels(workspace.weights[:, :split])
    candidate = pack_panels(workspace.weights[:, split:])
    products = product_buffer(len(hidden), gates), product_buffer(len(hidden), candidate)
    on = (workspace.buffers, workspace.rows.start)
    _gru_steps(*on, gates, candidate, *products, workspace.bias, hidden)


def _rnn(workspace: Workspace, hidden: Array) -> None:
    panels = pack_panels(workspace.weights)
    product = product_buffer(len(hidden), panels)
    is_relu = workspace.layer.activation("hidden") == "relu"
    on = (workspace.buffers, workspace.rows.start)
    _rnn_steps(*on, panels, product, workspace.bias, hidden, is_relu)


@njit(**COMPILE_OPTIONS)
def _sigmoid_gates(
    count: int, buffers: Array, t: int, at: int, product: Array, bias: Array
) -> None:
    """The first gates of a row from `W_x x_t` to `σ(W_x x_t + W_h h_{t-1} + b)`.

    product  (gate·unit,), the row's.
    """
    n = bias.shape[1]
    for g in range(count):
        gate, start = buffers[g, t, at], g * n
        for j in range(n):
            gate[j] = sigmoid(gate[j] + product[start + j] + bias[g, j])


@njit(**COMPILE_OPTIONS)
def _mix(update: Array, candidate: Array, before: Array, hidden: Array) -> None:
    """`z ⊙ h_{t-1} + (1 − z) ⊙ n` into the hidden state."""
    one = hidden.dtype.type(1)
    for j in range(hidden.size):
        hidden[j] = update[j] * before[j] + (one - update[j]) * candidate[j]


@njit(**COMPILE_OPTIONS)
def _gru_reset_after_step(
    buffers: Array,
    t: int,
    first: int,
    product: Array,
    bias: Array,
    recurrent_bias: Array,
    before: Array,
) -> None:
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at, p = first + row, product[row]
        reset, update = buffers[_RESET, t, at], buffers[_UPDATE, t, at]
        candidate = buffers[_GRU_CANDIDATE, t, at]
        recurrent = p[_GRU_CANDIDATE * n : _GRU_HIDDEN * n]
        _sigmoid_gates(_GRU_CANDIDATE, buffers, t, at, p, bias)
        for j in range(n):
            scaled = reset[j] * (recurrent[j] + recurrent_bias[j])
            candidate[j] = tanh(candidate[j] + bias[_GRU_CANDIDATE, j] + scaled)
        _mix(update, candidate, before[row], buffers[_GRU_HIDDEN, t, at])


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _gru_reset_after_steps(
    buffers: Array,
    first: int,
    panels: Array,
    product: Array,
    bias: Array,
    recurrent_bias: Array,
    hidden: Array,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, panels, product)
        _gru_reset_after_step(buffers, t, first, product, bias, recurrent_bias, hidden)
        hidden = buffers[_GRU_HIDDEN, t, first:stop]


@njit(**COMPILE_OPTIONS)
def _gru_gates(
    buffers: Array, t: int, first: int, product: Array, bias: Array, before: Array
) -> None:
    """Both gates, and `r ⊙ h_{t-1}` where the hidden state will be."""
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at, b = first + row, before[row]
        reset, scaled = buffers[_RESET, t, at], buffers[_GRU_HIDDEN, t, at]
        _sigmoid_gates(_GRU_CANDIDATE, buffers, t, at, product[row], bias)
        for j in range(n):
            scaled[j] = reset[j] * b[j]


@njit(**COMPILE_OPTIONS)
def _gru_step(
    buffers: Array, t: int, first: int, product: Array, bias: Array, before: Array
) -> None:
    """Candidate and hidden state; product (row, unit) of the candidate alone."""
    for row in range(before.shape[0]):
        at, p = first + row, product[row]
        candidate = buffers[_GRU_CANDIDATE, t, at]
        for j in range(bias.shape[1]):
            candidate[j] = tanh(candidate[j] + bias[_GRU_CANDIDATE, j] + p[j])
        _mix(buffers[_UPDATE, t, at], candidate, before[row], buffers[_GRU_HIDDEN, t, at])


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _gru_steps(
    buffers: Array,
    first: int,
    gate_panels: Array,
    candidate_panels: Array,
    gate_product: Array,
    candidate_product: Array,
    bias: Array,
    hidden: Array,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, gate_panels, gate_product)
        _gru_gates(buffers, t, first, gate_product, bias, hidden)
        matmul(buffers[_GRU_HIDDEN, t, first:stop], candidate_panels, candidate_product)
        _gru_step(buffers, t, first, candidate_product, bias, hidden)
        hidden = buffers[_GRU_HIDDEN, t, first:stop]


@njit(**COMPILE_OPTIONS)
def _rnn_step(
    buffers: Array, t: int, first: int, product: Array, bias: Array, is_relu: bool
) -> None:
    zero = product.dtype.type(0)
    for row in range(product.shape[0]):
        hidden, p = buffers[0, t, first + row], product[row]
        for j in range(hidden.size):
            hidden[j] = hidden[j] + p[j] + bias[0, j]
        if is_relu:
            for j in range(hidden.size):
                hidden[j] = zero if hidden[j] < zero else hidden[j]
        else:
            for j in range(hidden.size):
                hidden[j] = tanh(hidden[j])


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _rnn_steps(
    buffers: Array,
    first: int,
    panels: Array,
    product: Array,
    bias: Array,
    hidden: Array,
    is_relu: bool,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, panels, product)
        _rnn_step(buffers, t, first, product, bias, is_relu)
        hidden = buffers[0, t, first:stop]


_CELLS: dict[str, Callable[..., None]] = {
    "gru": _gru,
    "gru_reset_after": _gru_reset_after,
    "rnn": _rnn,
}
