"""Activation functions by the names that model files give them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite

from rnnviz.core.backend import Backend, Function
from rnnviz.errors import ModelError

ActivationFactory = Callable[..., Function]
_CALL = re.compile(r"([a-z_0-9]+)(?:\(([^()]*)\))?")


def activation(name: str, backend: Backend) -> Function:
    """The function of a name: `"tanh"`, `"hard_sigmoid"`, `"hard_sigmoid(0.25,0.5)"`.

    Arguments left out are the defaults of `ACTIVATIONS`. Raises ModelError for another name and
    for arguments that are not as many finite numbers.

    >>> from rnnviz.core.backend import get_backend
    >>> import numpy as np
    >>> activation("hard_sigmoid(0.25,0.5)", get_backend())(np.array([-4.0, 1.0]))
    array([0.  , 0.75])
    """
    kind, arguments = parse_activation(name)
    make, defaults = ACTIVATIONS[kind]
    return make(backend, *(*arguments, *defaults[len(arguments) :]))


@cache
def parse_activation(name: str) -> tuple[str, tuple[float, ...]]:
    """Key in `ACTIVATIONS` and the arguments that the name gives; errors as `activation`.

    >>> parse_activation("hard_sigmoid(0.25,0.5)")
    ('hard_sigmoid', (0.25, 0.5))
    """
    match = _CALL.fullmatch(name.replace(" ", ""))
    if match and match[1] in ACTIVATIONS:
        arguments = _numbers(match[2] or "")
        most = len(ACTIVATIONS[match[1]][1])
        if arguments is not None and len(arguments) <= most:
            return match[1], arguments
    raise ModelError(
        'An activation is one of {known}, with numbers in brackets where it takes any, but "{came}"'
        " came.",
        known=", ".join(ACTIVATIONS),
        came=name[:80],
    )


def _numbers(text: str) -> tuple[float, ...] | None:
    try:
        numbers = tuple(map(float, text.split(","))) if text else ()
    except ValueError:
        return None
    return numbers if all(map(isfinite, numbers)) else None


def _plain(of: Callable[[Backend], Function]) -> tuple[ActivationFactory, tuple[float, ...]]:
    return of, ()


def _elu(backend: Backend, alpha: float) -> Function:
    # exp only of what is negative, so that large drives do not overflow.
    return lambda z: backend.clip(z, 0, None) + alpha * (backend.exp(backend.clip(z, None, 0)) - 1)


def _selu(backend: Backend) -> Function:
    elu = _elu(backend, 1.6732632423543772)
    return lambda z: 1.0507009873554805 * elu(z)


def _leaky_relu(backend: Backend, alpha: float) -> Function:
    return lambda z: backend.clip(z, 0, None) + alpha * backend.clip(z, None, 0)


def _hard_sigmoid(backend: Backend, alpha: float, beta: float) -> Function:
    return lambda z: backend.clip(alpha * z + beta, 0, 1)


def _positive(backend: Backend) -> Function:
    return lambda z: backend.where(z >= 0, z + 0.5, backend.sigmoid(z))


ACTIVATIONS: Mapping[str, tuple[ActivationFactory, tuple[float, ...]]] = {
    "sigmoid": _plain(lambda backend: backend.sigmoid),
    "tanh": _plain(lambda backend: backend.tanh),
    "relu": _plain(lambda backend: lambda z: backend.clip(z, 0, None)),
    "linear": _plain(lambda backend: lambda z: z),
    # ONNX's defaults and Keras 2's; Keras 3 has 1/6 for the slope.
    "hard_sigmoid": (_hard_sigmoid, (0.2, 0.5)),
    "hard_tanh": _plain(lambda backend: lambda z: backend.clip(z, -1, 1)),
    "relu6": _plain(lambda backend: lambda z: backend.clip(z, 0, 6)),
    "leaky_relu": (_leaky_relu, (0.01,)),
    "thresholded_relu": (lambda backend, a: lambda z: backend.where(z > a, z, 0 * z), (1.0,)),
    "affine": (lambda backend, a, b: lambda z: a * z + b, (1.0, 0.0)),
    "scaled_tanh": (lambda backend, a, b: lambda z: a * backend.tanh(b * z), (1.0, 1.0)),
    "elu": (_elu, (1.0,)),
    "selu": _plain(_selu),
    "softsign": _plain(lambda backend: lambda z: z / (1 + abs(z))),
    "softplus": _plain(lambda backend: backend.softplus),
    "silu": _plain(lambda backend: lambda z: z * backend.sigmoid(z)),
    "mish": _plain(lambda backend: lambda z: z * backend.tanh(backend.softplus(z))),
    "exponential": _plain(lambda backend: backend.exp),
    "log_sigmoid": _plain(lambda backend: lambda z: -backend.softplus(-z)),
    # minGRU's and minLSTM's second candidate: Feng et al. (2024), appendix B.
    "positive": _plain(_positive),
}
"""Each name's maker and the defaults of its arguments."""

LOGARITHMS: Mapping[str, str] = {"sigmoid": "log_sigmoid", "exponential": "linear"}
"""The activations whose logarithm is one of them too, exact where they themselves are not."""
