"""Kernels compiled by numba, one per cell; imported only when one is selected.

The equations are those of `rnnviz.cells`. In every function `buffers` is (signal, time, batch,
unit), `product` the recurrent product (row, gate·unit), `first` the workspace's first row and
`floor` the number below which exp would overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS, sigmoid, tanh
from rnnviz.engine.kernels.numba_matmul import matmul, pack_panels, product_buffer
from rnnviz.engine.kernels.numba_two_threads import matmul_two_threads, second_thread
from rnnviz.engine.kernels.workspace import BUFFERS, Workspace

# A gate has one position in the buffers, in the product's columns and in the biases.
_FORGET, _INPUT, _OUTPUT, _CANDIDATE, _CELL, _HIDDEN = map(
    BUFFERS["lstm"].index, ("forget", "input", "output", "candidate", "cell", "hidden")
)
_RESET, _UPDATE, _GRU_CANDIDATE, _GRU_HIDDEN = map(
    BUFFERS["gru"].index, ("reset", "update", "candidate", "hidden")
)


def run_numba_kernel(workspace: Workspace, two_threads: bool = False) -> None:
    """Fill the workspace's rows of the buffers.

    two_threads  whether a second thread takes half of every product; only for one row of an LSTM.
    """
    dtype = workspace.linear.dtype
    floor = dtype.type(-87.0 if dtype == np.float32 else -708.0)
    # Copies, because numba would compile once more for what is read-only.
    states = [np.array(workspace.initial[n], order="C") for n in workspace.layer.cell.states]
    run = _lstm_two_threads if two_threads else _CELLS[workspace.layer.cell_name]
    run(workspace, floor, *states)


def _lstm(workspace: Workspace, floor: Any, hidden: Array, cell: Array) -> None:
    panels = pack_panels(workspace.weights)
    product = product_buffer(len(hidden), panels)
    on = (workspace.buffers, workspace.rows.start)
    _lstm_steps(*on, panels, product, workspace.bias, hidden, cell, floor)


def _lstm_two_threads(workspace: Workspace, floor: Any, hidden: Array, cell: Array) -> None:
    buffers, panels = workspace.buffers, pack_panels(workspace.weights)
    mine, others = np.split(panels, [-(-len(panels) // 2)])
    product = product_buffer(1, panels)
    with second_thread(buffers, hidden, others) as (signs, answer):
        halves = (mine, others, signs, answer, product)
        _lstm_steps_two_threads(buffers, *halves, workspace.bias, hidden, cell, floor)


def _gru_reset_after(workspace: Workspace, floor: Any, hidden: Array) -> None:
    panels = pack_panels(workspace.weights)
    product = product_buffer(len(hidden), panels)
    on, biases = (
        (workspace.buffers, workspace.rows.start),
        (workspace.bias, workspace.recurrent_bias),
    )
    _gru_reset_after_steps(*on, panels, product, *biases, hidden, floor)


def _gru(workspace: Workspace, floor: Any, hidden: Array) -> None:
    split = 2 * workspace.layer.n_units
    gates = pack_panels(workspace.weights[:, :split])
    candidate = pack_panels(workspace.weights[:, split:])
    products = product_buffer(len(hidden), gates), product_buffer(len(hidden), candidate)
    on = (workspace.buffers, workspace.rows.start)
    _gru_steps(*on, gates, candidate, *products, workspace.bias, hidden, floor)


def _rnn(workspace: Workspace, floor: Any, hidden: Array) -> None:
    panels = pack_panels(workspace.weights)
    product = product_buffer(len(hidden), panels)
    is_relu = workspace.layer.activation("hidden") == "relu"
    on = (workspace.buffers, workspace.rows.start)
    _rnn_steps(*on, panels, product, workspace.bias, hidden, floor, is_relu)


@njit(**COMPILE_OPTIONS)
def _sigmoid_gates(
    count: int, buffers: Array, t: int, at: int, product: Array, bias: Array, floor: Any
) -> None:
    """The first gates of a row from `W_x x_t` to `σ(W_x x_t + W_h h_{t-1} + b)`.

    product  (gate·unit,), the row's.
    """
    n = bias.shape[1]
    for g in range(count):
        gate, start = buffers[g, t, at], g * n
        for j in range(n):
            gate[j] = sigmoid(gate[j] + product[start + j] + bias[g, j], floor)


@njit(**COMPILE_OPTIONS)
def _lstm_step(
    buffers: Array, t: int, first: int, product: Array, bias: Array, before: Array, floor: Any
) -> None:
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at, p, b = first + row, product[row], before[row]
        forget, input_ = buffers[_FORGET, t, at], buffers[_INPUT, t, at]
        output, candidate = buffers[_OUTPUT, t, at], buffers[_CANDIDATE, t, at]
        cell, hidden = buffers[_CELL, t, at], buffers[_HIDDEN, t, at]
        _sigmoid_gates(_CANDIDATE, buffers, t, at, p, bias, floor)
        recurrent = p[_CANDIDATE * n : _CELL * n]
        for j in range(n):
            candidate[j] = tanh(candidate[j] + recurrent[j] + bias[_CANDIDATE, j], floor)
        for j in range(n):
            cell[j] = forget[j] * b[j] + input_[j] * candidate[j]
        for j in range(n):
            hidden[j] = output[j] * tanh(cell[j], floor)


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _lstm_steps(
    buffers: Array,
    first: int,
    panels: Array,
    product: Array,
    bias: Array,
    hidden: Array,
    cell: Array,
    floor: Any,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, panels, product)
        _lstm_step(buffers, t, first, product, bias, cell, floor)
        cell, hidden = buffers[_CELL, t, first:stop], buffers[_HIDDEN, t, first:stop]


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _lstm_steps_two_threads(
    buffers: Array,
    mine: Array,
    others: Array,
    signs: Array,
    answer: Array,
    product: Array,
    bias: Array,
    hidden: Array,
    cell: Array,
    floor: Any,
) -> None:
    for t in range(buffers.shape[1]):
        matmul_two_threads(t, hidden, mine, others, signs, answer, product)
        _lstm_step(buffers, t, 0, product, bias, cell, floor)
        cell, hidden = buffers[_CELL, t], buffers[_HIDDEN, t]


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
    floor: Any,
) -> None:
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at, p = first + row, product[row]
        reset, update = buffers[_RESET, t, at], buffers[_UPDATE, t, at]
        candidate = buffers[_GRU_CANDIDATE, t, at]
        recurrent = p[_GRU_CANDIDATE * n : _GRU_HIDDEN * n]
        _sigmoid_gates(_GRU_CANDIDATE, buffers, t, at, p, bias, floor)
        for j in range(n):
            scaled = reset[j] * (recurrent[j] + recurrent_bias[j])
            candidate[j] = tanh(candidate[j] + bias[_GRU_CANDIDATE, j] + scaled, floor)
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
    floor: Any,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, panels, product)
        _gru_reset_after_step(buffers, t, first, product, bias, recurrent_bias, hidden, floor)
        hidden = buffers[_GRU_HIDDEN, t, first:stop]


@njit(**COMPILE_OPTIONS)
def _gru_gates(
    buffers: Array, t: int, first: int, product: Array, bias: Array, before: Array, floor: Any
) -> None:
    """Both gates, and `r ⊙ h_{t-1}` where the hidden state will be."""
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at, b = first + row, before[row]
        reset, scaled = buffers[_RESET, t, at], buffers[_GRU_HIDDEN, t, at]
        _sigmoid_gates(_GRU_CANDIDATE, buffers, t, at, product[row], bias, floor)
        for j in range(n):
            scaled[j] = reset[j] * b[j]


@njit(**COMPILE_OPTIONS)
def _gru_step(
    buffers: Array, t: int, first: int, product: Array, bias: Array, before: Array, floor: Any
) -> None:
    """Candidate and hidden state; product (row, unit) of the candidate alone."""
    for row in range(before.shape[0]):
        at, p = first + row, product[row]
        candidate = buffers[_GRU_CANDIDATE, t, at]
        for j in range(bias.shape[1]):
            candidate[j] = tanh(candidate[j] + bias[_GRU_CANDIDATE, j] + p[j], floor)
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
    floor: Any,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, gate_panels, gate_product)
        _gru_gates(buffers, t, first, gate_product, bias, hidden, floor)
        matmul(buffers[_GRU_HIDDEN, t, first:stop], candidate_panels, candidate_product)
        _gru_step(buffers, t, first, candidate_product, bias, hidden, floor)
        hidden = buffers[_GRU_HIDDEN, t, first:stop]


@njit(**COMPILE_OPTIONS)
def _rnn_step(
    buffers: Array, t: int, first: int, product: Array, bias: Array, floor: Any, is_relu: bool
) -> None:
    zero = floor - floor
    for row in range(product.shape[0]):
        hidden, p = buffers[0, t, first + row], product[row]
        for j in range(hidden.size):
            hidden[j] = hidden[j] + p[j] + bias[0, j]
        if is_relu:
            for j in range(hidden.size):
                hidden[j] = zero if hidden[j] < zero else hidden[j]
        else:
            for j in range(hidden.size):
                hidden[j] = tanh(hidden[j], floor)


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _rnn_steps(
    buffers: Array,
    first: int,
    panels: Array,
    product: Array,
    bias: Array,
    hidden: Array,
    floor: Any,
    is_relu: bool,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(buffers.shape[1]):
        matmul(hidden, panels, product)
        _rnn_step(buffers, t, first, product, bias, floor, is_relu)
        hidden = buffers[0, t, first:stop]


_CELLS: dict[str, Callable[..., None]] = {
    "lstm": _lstm,
    "gru": _gru,
    "gru_reset_after": _gru_reset_after,
    "rnn": _rnn,
}
