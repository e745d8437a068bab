"""Quantised constants as the numbers they stand for: `(x − zero point) · scale`.

ONNX operator documentation: QuantizeLinear, DequantizeLinear (operator sets 10 to 25).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.known import Call, Known
from rnnviz.readers.onnx.operators import Operator


def dequantised(stored: Array, scale: Array, zero: Array | None) -> Array:
    """The numbers of quantised ones, in the scale's type; all three of shapes that broadcast.

    >>> dequantised(np.int8([3, -1]), np.float32(0.5), np.int8(1)).tolist()
    [1.0, -1.0]
    """
    # Single precision holds every number of 16 bits.
    kind = np.dtype(np.float32 if stored.itemsize <= 2 or stored.dtype.kind == "f" else np.int64)
    shifted: Array = stored.astype(kind)
    if zero is not None:
        shifted = shifted - zero.astype(kind)
    return np.asarray((shifted.astype(np.float32) * scale.astype(np.float32)).astype(scale.dtype))


def _dequantize(call: Call) -> list[Known]:
    stored, scale, zero = _operands(call)
    call.spend(4 * stored.size)
    if scale.dtype.kind != "f":
        raise TypeError(scale.dtype)
    return [dequantised(stored, scale, zero)]


def _quantize(call: Call) -> list[Known]:
    numbers, scale, zero = _operands(call)
    kind = np.dtype(np.uint8) if zero is None else zero.dtype
    call.spend(4 * numbers.size)
    if (zero is None and call.node.integer("output_dtype")) or kind.itemsize > 2:
        raise TypeError(kind)
    with np.errstate(all="ignore"):
        steps = np.rint(numbers.astype(np.float32) / scale.astype(np.float32))
    info = np.iinfo(kind)
    shifted = steps if zero is None else steps + zero.astype(np.float32)
    return [np.clip(shifted, info.min, info.max).astype(kind)]


def _operands(call: Call) -> tuple[Array, Array, Array | None]:
    """Numbers, scale and zero point, the last two spread along the axis that they are given for."""
    numbers, scale = call.array(0), call.array(1)
    zero = call.array(2) if call.node.input(2) else None
    if zero is not None and zero.shape != scale.shape:
        raise ValueError(zero.shape, scale.shape)
    axis, block = call.node.integer("axis", 1), call.node.integer("block_size")
    return (
        numbers,
        _along(scale, numbers, axis, block),
        None if zero is None else _along(zero, numbers, axis, block),
    )


def _along(given: Array, numbers: Array, axis: int, block: int) -> Array:
    if given.size == 1 and given.ndim <= 1:
        return given.reshape(())
    if block:
        if -(-numbers.shape[axis] // block) != given.shape[axis]:
            raise ValueError(block)
        return given.repeat(block, axis).take(range(numbers.shape[axis]), axis)
    shape = [1] * numbers.ndim
    shape[axis] = numbers.shape[axis]
    return given.reshape(shape)


QUANTISED: Mapping[str, Operator] = MappingProxyType(
    {
        "DequantizeLinear": _dequantize,
        "QuantizeLinear": _quantize,
        "com.microsoft::DequantizeLinear": _dequantize,
        "com.microsoft::QuantizeLinear": _quantize,
    }
)
"""Operators between numbers and the whole numbers that stand for them."""
