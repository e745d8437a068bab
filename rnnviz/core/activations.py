"""Every function that may stand on a drive, by the name that model files give it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite

from rnnviz.core.backend import Function, Maths
from rnnviz.errors import ModelError

Make = Callable[..., Function]
_CALL = re.compile(r"([a-z_0-9]+)(?:\(([^()]*)\))?")


def activation(name: str, maths: Maths) -> Function:
    """The function of a name: `"tanh"`, `"hard_sigmoid"`, `"hard_sigmoid(0.25,0.5)"`.

    Arguments left out are the defaults of `ACTIVATIONS`. Raises ModelError for another name and
    for arguments that are not as many finite numbers.

    >>> from rnnviz.core.backend import maths
    >>> import numpy as np
    >>> activation("hard_sigmoid(0.25,0.5)", maths())(np.array([-4.0, 1.0]))
    array([0.  , 0.75])
    """
    kind, arguments = _parsed(name)
    make, defaults = ACTIVATIONS[kind]
    return make(maths, *(*arguments, *defaults[len(arguments) :]))


@cache
def _parsed(name: str) -> tuple[str, tuple[float, ...]]:
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


def _plain(of: Callable[[Maths], Function]) -> tuple[Make, tuple[float, ...]]:
    return of, ()


def _elu(maths: Maths, alpha: float) -> Function:
    # exp only of what is negative, so that large drives do not overflow.
    return lambda z: maths.clip(z, 0, None) + alpha * (maths.exp(maths.clip(z, None, 0)) - 1)


def _selu(maths: Maths) -> Function:
    elu = _elu(maths, 1.6732632423543772)
    return lambda z: 1.0507009873554805 * elu(z)


def _leaky_relu(maths: Maths, alpha: float) -> Function:
    return lambda z: maths.clip(z, 0, None) + alpha * maths.clip(z, None, 0)


def _hard_sigmoid(maths: Maths, alpha: float, beta: float) -> Function:
    return lambda z: maths.clip(alpha * z + beta, 0, 1)


def _positive(maths: Maths) -> Function:
    return lambda z: maths.where(z >= 0, z + 0.5, maths.sigmoid(z))


ACTIVATIONS: Mapping[str, tuple[Make, tuple[float, ...]]] = {
    "sigmoid": _plain(lambda maths: maths.sigmoid),
    "tanh": _plain(lambda maths: maths.tanh),
    "relu": _plain(lambda maths: lambda z: maths.clip(z, 0, None)),
    "linear": _plain(lambda maths: lambda z: z),
    # ONNX's defaults and Keras 2's; Keras 3 has 1/6 for the slope.
    "hard_sigmoid": (_hard_sigmoid, (0.2, 0.5)),
    "hard_tanh": _plain(lambda maths: lambda z: maths.clip(z, -1, 1)),
    "relu6": _plain(lambda maths: lambda z: maths.clip(z, 0, 6)),
    "leaky_relu": (_leaky_relu, (0.01,)),
    "thresholded_relu": (lambda maths, a: lambda z: maths.where(z > a, z, 0 * z), (1.0,)),
    "affine": (lambda maths, a, b: lambda z: a * z + b, (1.0, 0.0)),
    "scaled_tanh": (lambda maths, a, b: lambda z: a * maths.tanh(b * z), (1.0, 1.0)),
    "elu": (_elu, (1.0,)),
    "selu": _plain(_selu),
    "softsign": _plain(lambda maths: lambda z: z / (1 + abs(z))),
    "softplus": _plain(lambda maths: maths.softplus),
    "silu": _plain(lambda maths: lambda z: z * maths.sigmoid(z)),
    "mish": _plain(lambda maths: lambda z: z * maths.tanh(maths.softplus(z))),
    "exponential": _plain(lambda maths: maths.exp),
    "log_sigmoid": _plain(lambda maths: lambda z: -maths.softplus(-z)),
    # minGRU's and minLSTM's second candidate: Feng et al. (2024), appendix B.
    "positive": _plain(_positive),
}
"""Each name's maker and the defaults of its arguments."""

LOGARITHMS: Mapping[str, str] = {"sigmoid": "log_sigmoid", "exponential": "linear"}
"""The activations whose logarithm is one of them too, exact where they themselves are not."""
