"""The loop people write in NumPy to keep an LSTM's gates: the yardstick of the NumPy kernel."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.network.layer import Layer

_GATES = ("input", "forget", "candidate", "output")


def lstm_by_hand(layer: Layer, x: Array) -> dict[str, Array]:
    """Gates and states (time, batch, unit) of x (time, batch, input), its products taken first."""
    w_x, w_h = (
        np.concatenate([layer.weights[f"{gate}.{role}"] for gate in _GATES]).T.astype(x.dtype)
        for role in ("x", "h")
    )
    biases = [layer.weights[f"{gate}.b"] + layer.weights[f"{gate}.bh"] for gate in _GATES]
    products = x @ w_x + np.concatenate(biases).astype(x.dtype)
    n = layer.n_units
    h = c = np.zeros((x.shape[1], n), x.dtype)
    kept = {name: np.empty((*x.shape[:2], n), x.dtype) for name in (*_GATES, "cell", "hidden")}
    for t, product in enumerate(products):
        z = product + h @ w_h
        i, f, g, o = (z[:, k * n : (k + 1) * n] for k in range(4))
        i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
        c = f * c + i * g
        h = o * np.tanh(c)
        for name, value in zip(kept, (i, f, g, o, c, h), strict=True):
            kept[name][t] = value
    return kept


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))
