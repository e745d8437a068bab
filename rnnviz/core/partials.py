"""Partial derivatives of the elementwise functions that a step is written in.

The tape multiplies them backward, the linearised step forward: each is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend

# A value, and by operand the derivative of each of its numbers by the operand's.
Derived = tuple[Any, ...]


def _clip(x: Array, low: float | None, high: float | None) -> Derived:
    # At the very ends PyTorch's clamp passes the gradient on too.
    is_inside = (x >= (-np.inf if low is None else low)) & (x <= (np.inf if high is None else high))
    return np.clip(x, low, high), is_inside


def _sigmoid(x: Array) -> Derived:
    value = get_backend().sigmoid(x)
    return value, value * (1 - value)


def _tanh(x: Array) -> Derived:
    value = np.tanh(x)
    return value, 1 - value**2


def _exp(x: Array) -> Derived:
    value = np.exp(x)
    return value, value


def _maximum(x: Array, y: Array) -> Derived:
    # PyTorch's rule: equal numbers share the gradient.
    share = np.where(x == y, 0.5, x > y)
    return np.maximum(x, y), share, 1 - share


PARTIALS: Mapping[str, Callable[..., Derived]] = {
    "plus": lambda x, y: (x + y, 1.0, 1.0),
    "minus": lambda x, y: (x - y, 1.0, -1.0),
    "times": lambda x, y: (x * y, y, x),
    "over": lambda x, y: (x / y, 1 / y, -x / y / y),
    "power": lambda x, n: (x**n, n * x ** (n - 1)),
    "abs": lambda x: (np.abs(x), np.sign(x)),
    "log": lambda x: (np.log(x), 1 / x),
    "exp": _exp,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "softplus": lambda x: (get_backend().softplus(x), get_backend().sigmoid(x)),
    "clip": _clip,
    "maximum": _maximum,
    "where": lambda chosen, x, y: (np.where(chosen, x, y), 0.0, chosen, ~chosen),
    "above": lambda x, y: (x > y,),
    "not_below": lambda x, y: (x >= y,),
    "below": lambda x, y: (x < y,),
    "not_above": lambda x, y: (x <= y,),
    "equal": lambda x, y: (x == y,),
}
"""By operation: operands ▶ its value and its derivative by each operand."""
