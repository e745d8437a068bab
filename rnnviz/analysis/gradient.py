"""Reach of the past: gradients of a simple RNN, distances of two runs, time scales of gates.

    h_t = tanh(U x_t + W h_{t-1} + b)
    ∂h_T/∂h_t = Π_{k=t+1..T} diag(1 − h_k²) W

Y. Bengio, P. Simard, P. Frasconi, "Learning Long-Term Dependencies with Gradient Descent is
Difficult", IEEE Trans. Neural Networks 5 (1994); R. Pascanu, T. Mikolov, Y. Bengio, "On the
difficulty of training recurrent neural networks", ICML 2013, eq. 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.analysis.contribution_terms import recurrent_matrix
from rnnviz.analysis.cursor import check_index, check_signal, layer_trace
from rnnviz.core.arrays import Array, read_only
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


def spectral_radius(layer: Layer) -> float:
    """Spectral radius of a simple RNN's W: the largest |eigenvalue|.

    Raises InputError for another cell.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", 1, 4, init="orthogonal")
    >>> f"{spectral_radius(model.layers[0]):.3f}"
    '1.000'
    """
    return float(np.abs(np.linalg.eigvals(_recurrent(layer))).max())


def gradient_norms(model: Model, trace: Trace, row: int = 0) -> Array:
    """log10 ‖∂h_T/∂h_t‖₂ for every step t of one batch row, (time,); T is its last step.

    The norm is the largest factor by which a small change of h_t can reach h_T; 0 gives −∞. The
    product is kept at norm 1 and its logarithm added up, so that nothing vanishes or overflows.

    Raises InputError for a model that is not one simple layer reading forward, or another row.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", 1, 4, init="orthogonal", dtype=float)
    >>> np.abs(gradient_norms(model, rv.trace(model, [[0.0], [0.0], [0.0]]))).round(6).tolist()
    [0.0, 0.0, 0.0]
    """
    check_index("row", row, trace.sequence.n_rows)
    if len(model.layers) != 1 or model.layers[0].direction != "forward":
        raise _not_simple(f"{len(model.layers)} × {model.layers[0].title}")
    layer = model.layers[0]
    hidden = trace["hidden"][: trace.sequence.lengths[row], row].astype(float)
    recurrent = _recurrent(layer).astype(float)
    slopes = _slopes(layer, hidden)
    product, logarithm = np.eye(hidden.shape[1]), np.zeros(len(hidden))
    for step in range(len(hidden) - 1, 0, -1):
        product = product @ (slopes[step][:, None] * recurrent)
        size = float(np.linalg.norm(product, 2))
        logarithm[step - 1] = logarithm[step] + (np.log10(size) if size else -np.inf)
        product = product / (size or 1)
    return read_only(logarithm)


def state_distance(
    with_it: Trace, without: Trace, state: str = "hidden", row: int = 0, *, layer: int = 0
) -> Array:
    """Distance of two runs at every step of a layer, ‖s_t − s'_t‖₂, (time,).

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", 1, 4)
    >>> one, other = rv.trace(model, [[0.1], [0.0]]), rv.trace(model, [[0.0], [0.0]])
    >>> bool(state_distance(one, other)[0] > 0)
    True
    """
    one, other = (layer_trace(run, layer, row=row).signals for run in (with_it, without))
    check_signal(state, one)
    apart = one[state][:, row].astype(float) - other[state][:, row]
    return read_only(np.linalg.norm(apart, axis=1))


def _slopes(layer: Layer, hidden: Array) -> Array:
    """The activation's derivative at every hidden number, (time, unit)."""
    if layer.activation("hidden") == "relu":
        return np.asarray(hidden > 0, dtype=float)
    if layer.activation("hidden") == "tanh":
        return np.asarray(1 - hidden**2)
    raise _not_simple(layer.activation("hidden"))


def _recurrent(layer: Layer) -> Array:
    if [gate.name for gate in layer.cell.gates] != ["hidden"]:
        raise _not_simple(layer.title)
    return recurrent_matrix(layer.weights["hidden.h"])


def _not_simple(came: str) -> InputError:
    return InputError(
        "This gradient is of one layer of the simple RNN that reads forward, tanh or relu,"
        " but {came} came.",
        came=came,
    )


def forget_timescales(biases: ArrayLike) -> Array:
    """Time scale of a forget gate at σ(bias), in steps: τ = −1/ln σ(b) ≈ e^b + ½.

    After τ steps 1/e is left of the state.

    C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?", ICLR 2018, section 2.

    >>> forget_timescales([0, 1, 2]).round(2).tolist()
    [1.44, 3.19, 7.88]
    """
    # ln σ(b) = −ln(1 + e^−b), which also holds where σ(b) rounds to 1.
    return read_only(1 / np.logaddexp(0, -np.asarray(biases, dtype=float)))
