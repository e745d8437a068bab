"""Each cell's steps compiled by numba; imported only when this road is taken.

One row runs as a single compiled loop. More rows take NumPy's product, which is faster for them,
and a compiled step between two products, in which `first` is the job's first row. The equations
are those of `rnnviz.cells`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from rnnviz.frozen import Array
from rnnviz.roads.compiled_maths import OPTIONS, sigmoid, tanh
from rnnviz.roads.job import Job


def run(job: Job) -> None:
    """Fill the job's rows of the whole array."""
    floor = job.whole.dtype.type(-87.0 if job.whole.dtype == np.float32 else -708.0)
    # Copies, because numba would compile once more for what is read-only.
    states = [np.array(job.states[name], order="C") for name in job.layer.kind.states]
    _CELLS[job.layer.cell](job, floor, *states)


def _lstm(job: Job, floor: Any, hidden: Array, cell: Array) -> None:
    rows = job.rows
    if job.whole.shape[2] == 1:
        _lstm_alone(job.whole, job.weights, job.bias, hidden, cell, floor)
        return
    product = np.empty((len(hidden), job.weights.shape[1]), job.whole.dtype)
    for t in range(job.whole.shape[1]):
        np.matmul(hidden, job.weights, out=product)
        _lstm_step(job.whole, t, rows.start, product, job.bias, cell, floor)
        cell, hidden = job.whole[4, t, rows], job.whole[5, t, rows]


def _gru_reset_after(job: Job, floor: Any, hidden: Array) -> None:
    rows = job.rows
    if job.whole.shape[2] == 1:
        _gru_after_alone(job.whole, job.weights, job.bias, job.recalled, hidden, floor)
        return
    product = np.empty((len(hidden), job.weights.shape[1]), job.whole.dtype)
    for t in range(job.whole.shape[1]):
        np.matmul(hidden, job.weights, out=product)
        _gru_after_step(job.whole, t, rows.start, product, job.bias, job.recalled, hidden, floor)
        hidden = job.whole[3, t, rows]


def _gru(job: Job, floor: Any, hidden: Array) -> None:
    columns = 2 * job.layer.n_units
    outside = np.ascontiguousarray(job.weights[:, :columns])
    inside = np.ascontiguousarray(job.weights[:, columns:])
    rows = job.rows
    if job.whole.shape[2] == 1:
        _gru_alone(job.whole, outside, inside, job.bias, hidden, floor)
        return
    product, recalled = np.empty((len(hidden), columns), job.whole.dtype), np.empty_like(hidden)
    for t in range(job.whole.shape[1]):
        np.matmul(hidden, outside, out=product)
        _gru_gates(job.whole, t, rows.start, product, job.bias, hidden, floor)
        np.matmul(job.whole[3, t, rows], inside, out=recalled)
        _gru_step(job.whole, t, rows.start, recalled, job.bias, hidden, floor)
        hidden = job.whole[3, t, rows]


def _rnn(job: Job, floor: Any, hidden: Array) -> None:
    relu = job.layer.activation("hidden") == "relu"
    rows = job.rows
    if job.whole.shape[2] == 1:
        _rnn_alone(job.whole, job.weights, job.bias, hidden, floor, relu)
        return
    product = np.empty_like(hidden)
    for t in range(job.whole.shape[1]):
        np.matmul(hidden, job.weights, out=product)
        _rnn_step(job.whole, t, rows.start, product, job.bias, floor, relu)
        hidden = job.whole[0, t, rows]


@njit(**OPTIONS)
def _product(vector: Array, matrix: Array, out: Array) -> None:
    """`vector @ matrix`, four rows of the matrix at a time: memory's speed, and no call."""
    out[:] = 0
    whole = vector.size // 4 * 4
    for k in range(0, whole, 4):
        a, b, c, d = vector[k], vector[k + 1], vector[k + 2], vector[k + 3]
        first, second, third, fourth = matrix[k], matrix[k + 1], matrix[k + 2], matrix[k + 3]
        for j in range(out.size):
            out[j] += (a * first[j] + b * second[j]) + (c * third[j] + d * fourth[j])
    for k in range(whole, vector.size):
        for j in range(out.size):
            out[j] += vector[k] * matrix[k, j]


@njit(cache=True, nogil=True, **OPTIONS)
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
def _lstm_alone(
    whole: Array, weights: Array, bias: Array, hidden: Array, cell: Array, floor: Any
) -> None:
    product = np.empty((1, weights.shape[1]), whole.dtype)
    for t in range(whole.shape[1]):
        _product(hidden[0], weights, product[0])
        _lstm_step(whole, t, 0, product, bias, cell, floor)
        cell, hidden = whole[4, t], whole[5, t]


@njit(cache=True, nogil=True, **OPTIONS)
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
def _gru_after_alone(
    whole: Array, weights: Array, bias: Array, recalled: Array, hidden: Array, floor: Any
) -> None:
    product = np.empty((1, weights.shape[1]), whole.dtype)
    for t in range(whole.shape[1]):
        _product(hidden[0], weights, product[0])
        _gru_after_step(whole, t, 0, product, bias, recalled, hidden, floor)
        hidden = whole[3, t]


@njit(cache=True, nogil=True, **OPTIONS)
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


@njit(cache=True, nogil=True, **OPTIONS)
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
def _gru_alone(
    whole: Array, outside: Array, inside: Array, bias: Array, hidden: Array, floor: Any
) -> None:
    product = np.empty((1, outside.shape[1]), whole.dtype)
    recalled = np.empty((1, inside.shape[1]), whole.dtype)
    for t in range(whole.shape[1]):
        _product(hidden[0], outside, product[0])
        _gru_gates(whole, t, 0, product, bias, hidden, floor)
        _product(whole[3, t, 0], inside, recalled[0])
        _gru_step(whole, t, 0, recalled, bias, hidden, floor)
        hidden = whole[3, t]


@njit(cache=True, nogil=True, **OPTIONS)
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
def _rnn_alone(
    whole: Array, weights: Array, bias: Array, hidden: Array, floor: Any, relu: bool
) -> None:
    product = np.empty((1, weights.shape[1]), whole.dtype)
    for t in range(whole.shape[1]):
        _product(hidden[0], weights, product[0])
        _rnn_step(whole, t, 0, product, bias, floor, relu)
        hidden = whole[0, t]


_CELLS: dict[str, Callable[..., None]] = {
    "lstm": _lstm,
    "gru": _gru,
    "gru_reset_after": _gru_reset_after,
    "rnn": _rnn,
}
