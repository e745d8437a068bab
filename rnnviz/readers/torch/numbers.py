"""Tensors of any kind ▶ NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import InputError


def numpy_of(tensor: Any) -> Array:
    """A tensor's numbers without its gradient, uncopied where that is possible.

    NumPy has no bfloat16 and no float8; float32 holds all of their numbers and of float16's.
    """
    is_narrow = tensor.is_floating_point() and tensor.itemsize < 4
    return np.asarray((tensor.float() if is_narrow else tensor).numpy(force=True))


def as_array(values: Any) -> Array:
    """The numbers of a tensor on any device, of an array, or of a list of these.

    Raises InputError for what holds no numbers: a tensor on the device "meta", rows of unequal
    length, …

    >>> as_array([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    try:
        if hasattr(values, "detach"):
            return numpy_of(_dense(values))
        if isinstance(values, list | tuple) and any(hasattr(value, "detach") for value in values):
            return np.stack([as_array(value) for value in values])
        return np.asarray(values)
    # A tensor may refuse in many ways: no memory behind it, another layout, a class of its own.
    except Exception as error:
        raise InputError(
            "Numbers in one rectangular array were expected, but this {came} gives none"
            " ({reason}); pad rows of unequal length, or give a plain tensor.",
            came=type(values).__name__,
            reason=shown(error, 120),
        ) from error


def _dense(tensor: Any) -> Any:
    if tensor.is_quantized:
        return tensor.dequantize()
    plain = tensor if str(tensor.layout) == "torch.strided" else tensor.to_dense()
    return plain.resolve_conj().resolve_neg()
