"""Kernels in NumPy, one per cell, that compute every signal in its buffer.

The equations are those of `rnnviz.cells`, whose files cite them.
"""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.workspace import BUFFERS, Workspace


def run_numpy_kernel(workspace: Workspace) -> None:
    """Fill the workspace's rows of the buffers."""
    gates = workspace.gates
    gates += workspace.bias[:, None]
    _CELLS[workspace.layer.cell_name](workspace)


def _lstm(workspace: Workspace) -> None:
    hidden_before, cell_before = workspace.initial["hidden"], workspace.initial["cell"]
    product, written = _product(hidden_before, 4), np.empty_like(hidden_before)
    by_gate, weights = _by_gate(product, 4), _negated_sigmoids(workspace)
    # The gates of a step lie apart in the buffers: together they take two thirds of the time.
    step = np.empty(by_gate.shape, product.dtype)
    forget, input_, output, preactivation = step
    of_sigmoids = step[:3]
    signals = (workspace[name] for name in ("candidate", "cell", "hidden"))
    for gates, sigmoids, candidate, cell, hidden in zip(
        workspace.gates, workspace.sigmoid_gates, *signals, strict=True
    ):
        np.matmul(hidden_before, weights, out=product)
        np.add(gates, by_gate, out=step)
        _sigmoid_of_negated(of_sigmoids)
        sigmoids[:] = of_sigmoids
        np.tanh(preactivation, out=candidate)
        np.multiply(forget, cell_before, out=cell)
        cell += np.multiply(input_, candidate, out=written)
        np.tanh(cell, out=hidden)
        hidden *= output
        hidden_before, cell_before = hidden, cell


def _negated_sigmoids(workspace: Workspace) -> Array:
    """Recurrent weights for −z of the sigmoid gates; what their buffers hold is negated too.

    To negate all steps at once spares an operation a step, and a sum has the same bits negated.
    """
    weights, sigmoids = workspace.weights.copy(), workspace.sigmoid_gates
    weights[:, : sigmoids.shape[1] * workspace.layer.n_units] *= -1
    sigmoids *= -1
    return weights


def _gru_reset_after(workspace: Workspace) -> None:
    hidden_before = workspace.initial["hidden"]
    product = _product(hidden_before, 3)
    by_gate = _by_gate(product, 3)
    of_sigmoids, of_candidate = by_gate[:2], by_gate[2]
    signals = (workspace[name] for name in BUFFERS["gru_reset_after"])
    for sigmoids, reset, update, candidate, hidden in zip(
        workspace.sigmoid_gates, *signals, strict=True
    ):
        np.matmul(hidden_before, workspace.weights, out=product)
        sigmoids += of_sigmoids
        sigmoid_in_place(sigmoids)
        of_candidate += workspace.recurrent_bias
        of_candidate *= reset
        candidate += of_candidate
        _mix(update, candidate, hidden_before, hidden)
        hidden_before = hidden


def _gru(workspace: Workspace) -> None:
    hidden_before, split = workspace.initial["hidden"], 2 * workspace.layer.n_units
    outside = np.ascontiguousarray(workspace.weights[:, :split])
    inside = np.ascontiguousarray(workspace.weights[:, split:])
    product, of_candidate = _product(hidden_before, 2), np.empty_like(hidden_before)
    by_gate = _by_gate(product, 2)
    signals = (workspace[name] for name in BUFFERS["gru"])
    for sigmoids, reset, update, candidate, hidden in zip(
        workspace.sigmoid_gates, *signals, strict=True
    ):
        np.matmul(hidden_before, outside, out=product)
        sigmoids += by_gate
        sigmoid_in_place(sigmoids)
        np.multiply(reset, hidden_before, out=hidden)
        candidate += np.matmul(hidden, inside, out=of_candidate)
        _mix(update, candidate, hidden_before, hidden)
        hidden_before = hidden


def _mix(update: Array, candidate: Array, before: Array, hidden: Array) -> None:
    """`z ⊙ h_{t-1} + (1 − z) ⊙ n` into the hidden state, after the candidate's tanh."""
    np.tanh(candidate, out=candidate)
    np.subtract(1, update, out=hidden)
    hidden *= candidate
    hidden += update * before


def _rnn(workspace: Workspace) -> None:
    hidden_before = workspace.initial["hidden"]
    product = np.empty_like(hidden_before)
    is_relu = workspace.layer.activation("hidden") == "relu"
    for hidden in workspace["hidden"]:
        hidden += np.matmul(hidden_before, workspace.weights, out=product)
        hidden_before = (
            np.maximum(hidden, 0, out=hidden) if is_relu else np.tanh(hidden, out=hidden)
        )


def sigmoid_in_place(preactivation: Array) -> None:
    """The logistic function in place."""
    # Not np.negative: NumPy 2.4 writes wrong places of float32 views whose stride is 16 bytes.
    np.multiply(preactivation, -1, out=preactivation)
    _sigmoid_of_negated(preactivation)


def _sigmoid_of_negated(negated: Array) -> None:
    """`1 / (1 + e^x)` in place, the logistic function of −x; larger x would overflow."""
    np.minimum(negated, _LARGEST_EXPONENT[negated.dtype.char], out=negated)
    np.exp(negated, out=negated)
    np.add(negated, 1, out=negated)
    np.reciprocal(negated, out=negated)


def _product(hidden: Array, n_gates: int) -> Array:
    """Memory for a row's recurrent product, (batch, gate·unit)."""
    n_rows, n_units = hidden.shape
    return np.empty((n_rows, n_gates * n_units), hidden.dtype)


def _by_gate(product: Array, n_gates: int) -> Array:
    """(batch, gate·unit) seen as (gate, batch, unit)."""
    return product.reshape(len(product), n_gates, -1).transpose(1, 0, 2)


_LARGEST_EXPONENT: dict[str, Array] = {"f": np.array(87, np.float32), "d": np.array(708.0)}
_CELLS = {"lstm": _lstm, "gru": _gru, "gru_reset_after": _gru_reset_after, "rnn": _rnn}
