"""One Keras cell ▶ Layer: the gates of the transposed kernels.

Kernels are stored (input, gate × unit). In `keras.layers.GRU` z = 1 keeps, and with the reset
after the product its bias is (2, gate × unit).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER, split_gates
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction, Layer
from rnnviz.readers.keras.directions import KerasCell
from rnnviz.readers.recurrent import other_activations
from rnnviz.readers.result import Answers
from rnnviz.readers.tensors import finite_floats

# keras.src.activations; Keras 2: keras/activations.py and keras/backend.py, hard_sigmoid.
HARD_SIGMOID_2 = "hard_sigmoid(0.2,0.5)"
HARD_SIGMOID_3 = "hard_sigmoid(0.16666666666666666,0.5)"
GATE_ACTIVATIONS = ("sigmoid", HARD_SIGMOID_2, HARD_SIGMOID_3)
KERAS_ACTIVATIONS = ("tanh", "relu", "linear", "sigmoid", "elu", "selu", "softsign", "softplus")
_SAME = "elu exponential hard_tanh linear log_sigmoid mish relu relu6 selu sigmoid silu softplus"
_OTHER = {"swish": "silu", "celu": "elu", "leaky_relu": "leaky_relu(0.2)"}
_NAMES = {name: name for name in (*_SAME.split(), "softsign", "tanh")} | _OTHER
_SLOPES = {"LeakyReLU": ("leaky_relu", 0.3), "ELU": ("elu", 1.0)}


def activation_name(config: Any, layer: str, *, is_keras_2: bool) -> str:
    """The name in `rnnviz.core.activations` of an activation in a configuration.

    Raises ModelError for a custom function and for one that is not known here.

    >>> activation_name("swish", "lstm", is_keras_2=False)
    'silu'
    """
    if config is None:
        return "linear"
    if config == "hard_sigmoid":
        return "hard_sigmoid" if is_keras_2 else HARD_SIGMOID_3
    if isinstance(config, dict):
        config = _activation_layer(config) or config.get("config") or config.get("class_name")
    if isinstance(config, str) and (config in _NAMES or "(" in config):
        return _NAMES.get(config, config)
    raise ModelError(
        "The layer “{layer}” uses the activation {came}, but only {known} and hard_sigmoid can be"
        " shown; code in a file is not run.",
        layer=shown(layer),
        came=shown(config),
        known=", ".join(sorted(_NAMES)),
    )


def _activation_layer(config: dict[str, Any]) -> str | None:
    """An activation that is a layer of its own: `keras.layers.LeakyReLU(0.1)`."""
    kind, options = str(config.get("class_name")), config.get("config")
    if kind not in _SLOPES or not isinstance(options, dict):
        return None
    name, default = _SLOPES[kind]
    slope = options.get("negative_slope", options.get("alpha", default))
    return f"{name}({slope})"


_ROLES = ("recurrent_activation", "activation")


def keras_layer(
    cell: KerasCell,
    direction: Direction,
    level: int,
    path: str,
    answers: Answers,
    *,
    is_keras_2: bool,
) -> Layer:
    """The cell as a layer. Raises ModelError where its arrays do not fit each other."""
    name = cell_name(cell)
    arrays = tuple(finite_floats(path, array, answers) for array in cell.arrays)
    _check(cell, name, arrays, path)
    return Layer(
        name,
        direction,
        _cudnn_weights(name, arrays) if cell.is_cudnn else keras_weights(name, arrays),
        level=level,
        activations=_activations(cell, name, path, is_keras_2=is_keras_2),
    )


def cell_name(cell: KerasCell) -> str:
    """The cell's name in `rnnviz.CELLS`."""
    if cell.kind == "GRU":
        return "gru_reset_after" if cell.config["reset_after"] else "gru"
    return {"SimpleRNN": "rnn", "CuDNNGRU": "gru_reset_after"}.get(cell.kind, "lstm")


def _activations(cell: KerasCell, name: str, path: str, *, is_keras_2: bool) -> dict[str, str]:
    """Functions that are not the cell's own, by gate and "cell_activation"."""
    if cell.is_cudnn:
        return {}
    named = {
        role: activation_name(cell.config[role], path, is_keras_2=is_keras_2) for role in _ROLES
    }
    roles = dict.fromkeys(GATE_ORDER["keras"][name], "recurrent_activation")
    roles |= dict.fromkeys({"hidden", "candidate"} & roles.keys(), "activation")
    roles |= {"cell_activation": "activation"} if cell.kind == "LSTM" else {}
    return other_activations(name, {gate: named[role] for gate, role in roles.items()})


def keras_weights(name: str, arrays: tuple[Array, ...]) -> dict[str, Array]:
    """Weights `gate.role` of a cell from its kernel, recurrent kernel and, where given, bias.

    >>> kernel, recurrent = np.ones((2, 3)), np.ones((1, 3))
    >>> keras_weights("gru", (kernel, recurrent))["reset.x"].shape
    (1, 2)
    """
    rows = {"x": arrays[0].T, "h": arrays[1].T}
    if len(arrays) > 2:
        rows |= dict(zip(("b", "bh"), np.atleast_2d(arrays[2]), strict=False))
    return split_gates(GATE_ORDER["keras"][name], rows)


def _cudnn_weights(name: str, arrays: tuple[Array, ...]) -> dict[str, Array]:
    """CuDNN's matrices lie (unit, input) row by row in memory that Keras shaped otherwise.

    `_convert_rnn_weights` in Keras 2, keras/saving/hdf5_format.py.
    """
    gates, n_inputs, n_units = GATE_ORDER["keras"][name], arrays[0].shape[0], arrays[1].shape[0]
    kernels, recurrent = (np.split(array, len(gates), axis=1) for array in arrays[:2])
    biases = arrays[2].reshape(2, -1)
    rows = {
        "x": np.concatenate([k.reshape(n_units, n_inputs) for k in kernels]),
        "h": np.concatenate(recurrent),
        "b": biases[0],
        "bh": biases[1],
    }
    return split_gates(gates, rows)


def _check(cell: KerasCell, name: str, arrays: tuple[Array, ...], path: str) -> None:
    shapes = [array.shape for array in arrays]
    n_units = shapes[1][0] if len(shapes[1]) == 2 else 0
    width = n_units * len(GATE_ORDER["keras"][name])
    bias = (2, width) if name == "gru_reset_after" else (width,)
    if cell.is_cudnn:
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
