"""The activation attributes of an ONNX recurrent node ▶ rnnviz's names.

"The values are consumed in the order of activation functions": as in onnxruntime, by those alone
that take any. Affine and ScaledTanh are no ONNX operators any more, so nothing says their
defaults, and they must be given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.graph import OnnxNode


class _Function(NamedTuple):
    operator: str
    name: str
    alpha: float | None = None
    beta: float | None = None
    n_arguments: int = 0


_FUNCTIONS: Mapping[str, _Function] = {
    function.operator.lower(): function
    for function in (
        _Function("Affine", "affine", n_arguments=2),
        _Function("Elu", "elu", 1.0, n_arguments=1),
        _Function("HardSigmoid", "hard_sigmoid", 0.2, 0.5, 2),
        _Function("LeakyRelu", "leaky_relu", 0.01, n_arguments=1),
        _Function("Relu", "relu"),
        _Function("ScaledTanh", "scaled_tanh", n_arguments=2),
        _Function("Sigmoid", "sigmoid"),
        _Function("Softplus", "softplus"),
        _Function("Softsign", "softsign"),
        _Function("Tanh", "tanh"),
        _Function("ThresholdedRelu", "thresholded_relu", 1.0, n_arguments=1),
    )
}


class OnnxActivation(NamedTuple):
    """One activation: ONNX's name, and its arguments, as many as it takes."""

    operator: str
    arguments: tuple[float, ...]

    @property
    def name(self) -> str:
        """rnnviz's name for it.

        >>> OnnxActivation("HardSigmoid", (0.25, 0.5)).name
        'hard_sigmoid(0.25,0.5)'
        """
        name = _FUNCTIONS[self.operator.lower()].name
        said = ",".join(repr(x).removesuffix(".0") for x in self.arguments)
        return f"{name}({said})" if said else name


def activations_of(
    node: OnnxNode, label: str, defaults: tuple[str, ...]
) -> tuple[OnnxActivation, ...]:
    """The node's activations, all of the first direction and then all of the second.

    defaults  those it has where it names none, for all its directions.

    Raises ModelError for unknown ones, another number of them, and arguments that must be given.
    """
    came = _texts(node) or defaults
    if node.operator == "RNN":
        # Its own default, which some tools write out, has one for each of two directions.
        came = came[: len(defaults)]
    if len(came) != len(defaults):
        raise ModelError(
            "{node}: {wanted} activations were expected, {came} came; export the model again.",
            node=label,
            wanted=len(defaults),
            came=len(came),
        )
    alphas, betas = _numbers(node, "activation_alpha"), _numbers(node, "activation_beta")
    return tuple(_chosen(name, label, alphas, betas) for name in came)


def _chosen(
    name: str, label: str, alphas: Iterator[float], betas: Iterator[float]
) -> OnnxActivation:
    function = _FUNCTIONS.get(name.lower())
    if function is None:
        raise ModelError(
            "{node}: “{came}” is no ONNX activation; it should be one of {known}.",
            node=label,
            came=shown(name),
            known=", ".join(function.operator for function in _FUNCTIONS.values()),
        )
    pairs = ((alphas, function.alpha), (betas, function.beta))[: function.n_arguments]
    arguments = tuple(next(given, default) for given, default in pairs)
    if any(argument is None or not np.isfinite(argument) for argument in arguments):
        raise ModelError(
            "{node}: the activation {name} needs finite numbers in activation_alpha and"
            " activation_beta; export the model again.",
            node=label,
            name=shown(name),
        )
    return OnnxActivation(function.operator, tuple(float(a) for a in arguments if a is not None))


def _texts(node: OnnxNode) -> tuple[str, ...]:
    found: Any = node.attributes.get("activations")
    return tuple(text.decode("utf-8", "replace") for text in found.strings) if found else ()


def _numbers(node: OnnxNode, name: str) -> Iterator[float]:
    found: Any = node.attributes.get(name)
    # The shortest decimal is what was meant: 0.2 is kept as 0.20000000298 in the file's float32.
    return (float(str(np.float32(x))) for x in (found.floats if found else ()))
