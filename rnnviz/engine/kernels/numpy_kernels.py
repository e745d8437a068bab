"""Each cell's steps in NumPy, computed where the signals will stay.

The same equations as in `rnnviz.cells`, whose files cite them.
"""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.workspace import Job


def run(job: Job) -> None:
    """Fill the job's rows of the whole array."""
    whole = job.whole[:, :, job.rows]
    for room, bias in zip(whole, job.bias, strict=False):
        room += bias
    _CELLS[job.layer.cell_name](job, whole)


def _lstm(job: Job, whole: Array) -> None:
    n_units = job.layer.n_units
    cell, hidden = job.states["cell"], job.states["hidden"]
    product = np.empty((len(hidden), 4 * n_units), whole.dtype)
    written = np.empty_like(hidden)
    by_gate = _by_gate(product, 4)
    for t in range(whole.shape[1]):
        now = whole[:, t]
        np.matmul(hidden, job.weights, out=product)
        now[:4] += by_gate
        sigmoid(now[:3])
        candidate = np.tanh(now[3], out=now[3])
        cell = np.multiply(now[0], cell, out=now[4])
        cell += np.multiply(now[1], candidate, out=written)
        hidden = np.tanh(cell, out=now[5])
        hidden *= now[2]


def _gru_reset_after(job: Job, whole: Array) -> None:
    hidden = job.states["hidden"]
    product = np.empty((len(hidden), 3 * job.layer.n_units), whole.dtype)
    by_gate = _by_gate(product, 3)
    for t in range(whole.shape[1]):
        reset, _, candidate, _ = now = whole[:, t]
        np.matmul(hidden, job.weights, out=product)
        now[:2] += by_gate[:2]
        sigmoid(now[:2])
        recalled = by_gate[2]
        recalled += job.recalled
        recalled *= reset
        candidate += recalled
        hidden = _mixed(now, hidden)


def _gru(job: Job, whole: Array) -> None:
    hidden, n_units = job.states["hidden"], job.layer.n_units
    outside = np.ascontiguousarray(job.weights[:, : 2 * n_units])
    inside = np.ascontiguousarray(job.weights[:, 2 * n_units :])
    product, recalled = np.empty((len(hidden), 2 * n_units), whole.dtype), np.empty_like(hidden)
    by_gate = _by_gate(product, 2)
    for t in range(whole.shape[1]):
        reset, _, candidate, after = now = whole[:, t]
        np.matmul(hidden, outside, out=product)
        now[:2] += by_gate
        sigmoid(now[:2])
        np.multiply(reset, hidden, out=after)
        candidate += np.matmul(after, inside, out=recalled)
        hidden = _mixed(now, hidden)


def _mixed(now: Array, before: Array) -> Array:
    """`z ⊙ h_{t-1} + (1 − z) ⊙ n`, after the candidate's tanh."""
    update, candidate = now[1], now[2]
    hidden: Array = now[3]
    np.tanh(candidate, out=candidate)
    np.subtract(1, update, out=hidden)
    hidden *= candidate
    hidden += update * before
    return hidden


def _rnn(job: Job, whole: Array) -> None:
    hidden = job.states["hidden"]
    product = np.empty_like(hidden)
    relu = job.layer.activation("hidden") == "relu"
    for now in whole[0]:
        now += np.matmul(hidden, job.weights, out=product)
        hidden = np.maximum(now, 0, out=now) if relu else np.tanh(now, out=now)


def sigmoid(drive: Array) -> None:
    """The logistic function in place; below the floor exp would overflow."""
    floor = -87.0 if drive.dtype == np.float32 else -708.0
    np.maximum(drive, floor, out=drive)
    # Not np.negative: NumPy 2.4 writes wrong places of float32 views whose stride is 16 bytes.
    np.multiply(drive, -1, out=drive)
    np.exp(drive, out=drive)
    drive += 1
    np.reciprocal(drive, out=drive)


def _by_gate(product: Array, n_gates: int) -> Array:
    """(batch, gate·unit) seen as (gate, batch, unit)."""
    return product.reshape(len(product), n_gates, -1).transpose(1, 0, 2)


_CELLS = {"lstm": _lstm, "gru": _gru, "gru_reset_after": _gru_reset_after, "rnn": _rnn}
