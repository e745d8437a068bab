"""Keras' activations ▶ ours: the same function by its name here, by the version that wrote it."""

from __future__ import annotations

from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError

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
