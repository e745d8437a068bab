"""One Keras cell ▶ Layer: gates cut out of the kernels and turned round.

Kernels are stored (input, gate × unit): keras.layers.LSTM, order i, f, c, o; keras.layers.GRU,
order z, r, h, z = 1 keeps. A GRU with the reset after the product has a bias (2, gate × unit).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction, Layer
from rnnviz.readers.keras.stacks import Strand
from rnnviz.readers.result import Answers
from rnnviz.readers.tensors import finite_floats

# keras.src.activations; Keras 2: keras/activations.py and keras/backend.py, hard_sigmoid.
HARD_SIGMOID_2 = "hard_sigmoid(0.2,0.5)"
HARD_SIGMOID_3 = "hard_sigmoid(0.16666666666666666,0.5)"
_SAME = "elu exponential hard_tanh linear log_sigmoid mish relu relu6 selu sigmoid silu softplus"
_OTHER = {"swish": "silu", "celu": "elu", "leaky_relu": "leaky_relu(0.2)", "softmax": "softmax"}
_NAMES = {name: name for name in (*_SAME.split(), "softsign", "tanh")} | _OTHER
_SLOPES = {"LeakyReLU": ("leaky_relu", 0.3), "ELU": ("elu", 1.0)}


def function(given: Any, layer: str, *, is_keras_2: bool) -> str:
    """The name in `rnnviz.core.activations` (or "softmax") of an activation in a configuration.

    Raises ModelError for a custom function and for one that is not known here.

    >>> function("swish", "lstm", is_keras_2=False)
    'silu'
    """
    if given is None:
        return "linear"
    if given == "hard_sigmoid":
        return "hard_sigmoid" if is_keras_2 else HARD_SIGMOID_3
    if isinstance(given, dict):
        given = _layer(given) or given.get("config") or given.get("class_name")
    if isinstance(given, str) and (given in _NAMES or "(" in given):
        return _NAMES.get(given, given)
    raise ModelError(
        "The layer “{layer}” uses the activation {came}, but only {known} and hard_sigmoid can be"
        " shown; code in a file is not run.",
        layer=shown(layer),
        came=shown(given),
        known=", ".join(sorted(_NAMES)),
    )


def _layer(given: dict[str, Any]) -> str | None:
    """An activation that is a layer of its own: `keras.layers.LeakyReLU(0.1)`."""
    kind, config = str(given.get("class_name")), given.get("config")
    if kind not in _SLOPES or not isinstance(config, dict):
        return None
    name, own = _SLOPES[kind]
    slope = config.get("negative_slope", config.get("alpha", own))
    return f"{name}({slope})"


GATES = {
    "SimpleRNN": ("hidden",),
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("update", "reset", "candidate"),
}
_OWN = {"recurrent_activation": "sigmoid", "activation": "tanh"}


def layer_of(
    strand: Strand,
    direction: Direction,
    level: int,
    path: str,
    answers: Answers,
    *,
    is_keras_2: bool,
) -> Layer:
    """The cell as a layer. Raises ModelError where its arrays do not fit each other."""
    kind, is_cudnn = strand.kind.removeprefix("CuDNN"), strand.kind.startswith("CuDNN")
    arrays = tuple(finite_floats(path, array, answers) for array in strand.arrays)
    _check(strand, kind, arrays, path)
    cut = _cudnn if is_cudnn else _plain
    return Layer(
        cell_of(strand),
        direction,
        cut(kind, arrays),
        level=level,
        activations=activations(strand, path, is_keras_2=is_keras_2),
    )


def cell_of(strand: Strand) -> str:
    """The cell's name in `rnnviz.CELLS`."""
    if strand.kind == "GRU":
        return "gru_reset_after" if strand.config.get("reset_after", False) else "gru"
    return {"SimpleRNN": "rnn", "CuDNNGRU": "gru_reset_after"}.get(strand.kind, "lstm")


def activations(strand: Strand, path: str, *, is_keras_2: bool) -> dict[str, str]:
    """What is not the cell's own: by gate, and under "cell_activation" for the cell state."""
    if strand.kind.startswith("CuDNN"):
        return {}
    named = {
        role: function(strand.config.get(role, own), path, is_keras_2=is_keras_2)
        for role, own in _OWN.items()
    }
    of_state = ("cell_activation",) if strand.kind == "LSTM" else ()
    roles = dict.fromkeys(GATES[strand.kind], "recurrent_activation")
    roles |= dict.fromkeys({"hidden", "candidate"} & roles.keys(), "activation")
    roles |= dict.fromkeys(of_state, "activation")
    return {gate: named[role] for gate, role in roles.items() if named[role] != _OWN[role]}


def _plain(kind: str, arrays: tuple[Array, ...]) -> Mapping[str, Array]:
    rows = {"x": arrays[0].T, "h": arrays[1].T}
    if len(arrays) > 2:
        rows |= dict(zip(("b", "bh"), np.atleast_2d(arrays[2]), strict=False))
    return _by_gate(kind, rows)


def _cudnn(kind: str, arrays: tuple[Array, ...]) -> Mapping[str, Array]:
    """CuDNN's matrices lie (unit, input) row by row in memory that Keras shaped otherwise.

    `_convert_rnn_weights` in Keras 2, keras/saving/hdf5_format.py.
    """
    n_gates, (n_inputs, _), n_units = len(GATES[kind]), arrays[0].shape, arrays[1].shape[0]
    kernels, recurrent = (np.split(array, n_gates, axis=1) for array in arrays[:2])
    biases = arrays[2].reshape(2, -1)
    rows = {
        "x": np.concatenate([k.reshape(n_units, n_inputs) for k in kernels]),
        "h": np.concatenate(recurrent),
        "b": biases[0],
        "bh": biases[1],
    }
    return _by_gate(kind, rows)


def _by_gate(kind: str, rows: Mapping[str, Array]) -> dict[str, Array]:
    gates = GATES[kind]
    return {
        f"{gate}.{role}": block
        for role, array in rows.items()
        for gate, block in zip(gates, np.split(array, len(gates)), strict=True)
    }


def _check(strand: Strand, kind: str, arrays: tuple[Array, ...], path: str) -> None:
    shapes = [array.shape for array in arrays]
    n_units = shapes[1][0] if len(shapes[1]) == 2 else 0
    width = n_units * len(GATES[kind])
    bias = {"gru": (width,), "gru_reset_after": (2, width)}.get(cell_of(strand), (width,))
    if strand.kind != kind:
        bias = (2 * width,)
    fits = n_units > 0 and len(shapes[0]) == 2 and shapes[0][0] > 0
    if not fits or [s[1:] for s in shapes[:2]] != [(width,)] * 2 or shapes[2:] not in ([], [bias]):
        raise ModelError(
            "The weights of “{layer}” should be (input, {width}), ({n_units}, {width}) and a bias"
            " {bias}, but they are {came}; save the whole model again.",
            layer=shown(path),
            width=width,
            n_units=n_units,
            bias=bias,
            came=", ".join(map(str, shapes)),
        )
