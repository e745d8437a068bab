"""Each cell's steps compiled by numba; imported only when this road is taken.

The equations are those of `rnnviz.cells`; `first` is the job's first row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_math import OPTIONS, sigmoid, tanh
from rnnviz.engine.kernels.numba_matmul import packed, product, room
from rnnviz.engine.kernels.numba_two_threads import paired_product, second_thread
from rnnviz.engine.kernels.workspace import Job


def run(job: Job, paired: bool = False) -> None:
    """Fill the job's rows of the whole array.

    paired  whether a second thread takes half of every product; only for one row of an LSTM.
    """
    floor = job.whole.dtype.type(-87.0 if job.whole.dtype == np.float32 else -708.0)
    # Copies, because numba would compile once more for what is read-only.
    states = [np.array(job.states[name], order="C") for name in job.layer.cell.states]
    (_lstm_paired if paired else _CELLS[job.layer.cell_name])(job, floor, *states)


def _lstm(job: Job, floor: Any, hidden: Array, cell: Array) -> None:
    panels = packed(job.weights)
    out = room(len(hidden), panels)
    _lstm_steps(job.whole, job.rows.start, panels, out, job.bias, hidden, cell, floor)


def _lstm_paired(job: Job, floor: Any, hidden: Array, cell: Array) -> None:
    panels = packed(job.weights)
    mine, others = np.split(panels, [-(-len(panels) // 2)])
    out = room(1, panels)
    with second_thread(job.whole, hidden, others) as (signs, answer):
        _lstm_paired_steps(
            job.whole, mine, others, signs, answer, out, job.bias, hidden, cell, floor
        )


def _gru_reset_after(job: Job, floor: Any, hidden: Array) -> None:
    panels = packed(job.weights)
    out = room(len(hidden), panels)
    first, bias, recalled = job.rows.start, job.bias, job.recalled
    _gru_after_steps(job.whole, first, panels, out, bias, recalled, hidden, floor)


def _gru(job: Job, floor: Any, hidden: Array) -> None:
    columns = 2 * job.layer.n_units
    outside, inside = packed(job.weights[:, :columns]), packed(job.weights[:, columns:])
    out, again = room(len(hidden), outside), room(len(hidden), inside)
    first = job.rows.start
    _gru_steps(job.whole, first, outside, inside, out, again, job.bias, hidden, floor)


def _rnn(job: Job, floor: Any, hidden: Array) -> None:
    panels = packed(job.weights)
    out = room(len(hidden), panels)
    relu = job.layer.activation("hidden") == "relu"
    _rnn_steps(job.whole, job.rows.start, panels, out, job.bias, hidden, floor, relu)


@njit(**OPTIONS)
def _lstm_step(
    whole: Array, t: int, first: int, product: Array, bias: Array, before: Array, floor: Any
) -> None:
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at = first + row
        forget, input_, output = whole[0, t, at], whole[1, t, at], whole[2, t, at]
        candidate, cell, hidden = whole[3, t, at], whole[4, t, at], whole[5, t, at]
        p, b = product[row], before[row]
        for j in range(n):
            forget[j] = sigmoid(forget[j] + p[j] + bias[0, j], floor)
        for j in range(n):
            input_[j] = sigmoid(input_[j] + p[n + j] + bias[1, j], floor)
        for j in range(n):
            output[j] = sigmoid(output[j] + p[2 * n + j] + bias[2, j], floor)
        for j in range(n):
            candidate[j] = tanh(candidate[j] + p[3 * n + j] + bias[3, j], floor)
        for j in range(n):
            cell[j] = forget[j] * b[j] + input_[j] * candidate[j]
        for j in range(n):
            hidden[j] = output[j] * tanh(cell[j], floor)


@njit(cache=True, nogil=True, **OPTIONS)
def _lstm_steps(
    whole: Array,
    first: int,
    panels: Array,
    out: Array,
    bias: Array,
    hidden: Array,
    cell: Array,
    floor: Any,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(whole.shape[1]):
        product(hidden, panels, out)
        _lstm_step(whole, t, first, out, bias, cell, floor)
        cell, hidden = whole[4, t, first:stop], whole[5, t, first:stop]


@njit(cache=True, nogil=True, **OPTIONS)
def _lstm_paired_steps(
    whole: Array,
    mine: Array,
    others: Array,
    signs: Array,
    answer: Array,
    out: Array,
    bias: Array,
    hidden: Array,
    cell: Array,
    floor: Any,
) -> None:
    for t in range(whole.shape[1]):
        paired_product(t, hidden, mine, others, signs, answer, out)
        _lstm_step(whole, t, 0, out, bias, cell, floor)
        cell, hidden = whole[4, t], whole[5, t]


@njit(**OPTIONS)
def _gru_after_step(
    whole: Array,
    t: int,
    first: int,
    product: Array,
    bias: Array,
    recalled: Array,
    before: Array,
    floor: Any,
) -> None:
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at = first + row
        reset, update = whole[0, t, at], whole[1, t, at]
        candidate, p = whole[2, t, at], product[row]
        for j in range(n):
            reset[j] = sigmoid(reset[j] + p[j] + bias[0, j], floor)
        for j in range(n):
            update[j] = sigmoid(update[j] + p[n + j] + bias[1, j], floor)
        for j in range(n):
            inner = reset[j] * (p[2 * n + j] + recalled[j])
            candidate[j] = tanh(candidate[j] + bias[2, j] + inner, floor)
        _mixed(update, candidate, before[row], whole[3, t, at])


@njit(**OPTIONS)
def _mixed(update: Array, candidate: Array, before: Array, hidden: Array) -> None:
    one = hidden.dtype.type(1)
    for j in range(hidden.size):
        hidden[j] = update[j] * before[j] + (one - update[j]) * candidate[j]


@njit(cache=True, nogil=True, **OPTIONS)
def _gru_after_steps(
    whole: Array,
    first: int,
    panels: Array,
    out: Array,
    bias: Array,
    recalled: Array,
    hidden: Array,
    floor: Any,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(whole.shape[1]):
        product(hidden, panels, out)
        _gru_after_step(whole, t, first, out, bias, recalled, hidden, floor)
        hidden = whole[3, t, first:stop]


@njit(**OPTIONS)
def _gru_gates(
    whole: Array, t: int, first: int, product: Array, bias: Array, before: Array, floor: Any
) -> None:
    """Both gates, and `r ⊙ h_{t-1}` where the hidden state will be."""
    n = bias.shape[1]
    for row in range(before.shape[0]):
        at = first + row
        reset, update, after = whole[0, t, at], whole[1, t, at], whole[3, t, at]
        p, b = product[row], before[row]
        for j in range(n):
            reset[j] = sigmoid(reset[j] + p[j] + bias[0, j], floor)
        for j in range(n):
            update[j] = sigmoid(update[j] + p[n + j] + bias[1, j], floor)
        for j in range(n):
            after[j] = reset[j] * b[j]


@njit(**OPTIONS)
def _gru_step(
    whole: Array, t: int, first: int, recalled: Array, bias: Array, before: Array, floor: Any
) -> None:
    for row in range(before.shape[0]):
        at = first + row
        update, candidate, p = whole[1, t, at], whole[2, t, at], recalled[row]
        for j in range(bias.shape[1]):
            candidate[j] = tanh(candidate[j] + bias[2, j] + p[j], floor)
        _mixed(update, candidate, before[row], whole[3, t, at])


@njit(cache=True, nogil=True, **OPTIONS)
def _gru_steps(
    whole: Array,
    first: int,
    outside: Array,
    inside: Array,
    out: Array,
    again: Array,
    bias: Array,
    hidden: Array,
    floor: Any,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(whole.shape[1]):
        product(hidden, outside, out)
        _gru_gates(whole, t, first, out, bias, hidden, floor)
        product(whole[3, t, first:stop], inside, again)
        _gru_step(whole, t, first, again, bias, hidden, floor)
        hidden = whole[3, t, first:stop]


@njit(**OPTIONS)
def _rnn_step(
    whole: Array, t: int, first: int, product: Array, bias: Array, floor: Any, relu: bool
) -> None:
    zero = floor - floor
    for row in range(product.shape[0]):
        hidden, p = whole[0, t, first + row], product[row]
        for j in range(hidden.size):
            hidden[j] = hidden[j] + p[j] + bias[0, j]
        if relu:
            for j in range(hidden.size):
                hidden[j] = zero if hidden[j] < zero else hidden[j]
        else:
            for j in range(hidden.size):
                hidden[j] = tanh(hidden[j], floor)


@njit(cache=True, nogil=True, **OPTIONS)
def _rnn_steps(
    whole: Array,
    first: int,
    panels: Array,
    out: Array,
    bias: Array,
    hidden: Array,
    floor: Any,
    relu: bool,
) -> None:
    stop = first + hidden.shape[0]
    for t in range(whole.shape[1]):
        product(hidden, panels, out)
        _rnn_step(whole, t, first, out, bias, floor, relu)
        hidden = whole[0, t, first:stop]


_CELLS: dict[str, Callable[..., None]] = {
    "lstm": _lstm,
    "gru": _gru,
    "gru_reset_after": _gru_reset_after,
    "rnn": _rnn,
}
