"""Shapes of what is computed at run time, so that a size taken from it is known.

ONNX operator documentation, by the operator's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from rnnviz.readers.onnx.known import Call, Known, Unseen, unseen
from rnnviz.readers.onnx.operators import MEASURING, MOVING, Operator
from rnnviz.readers.onnx.tensor import NUMPY

_SAME = (
    "BatchNormalization",
    "Celu",
    "Clip",
    "Elu",
    "Erf",
    "Exp",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "InstanceNormalization",
    "LayerNormalization",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "Mish",
    "Neg",
    "PRelu",
    "Reciprocal",
    "Relu",
    "Selu",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Tanh",
    "ThresholdedRelu",
)
_BROADCAST = ("Add", "Div", "Max", "Mean", "Min", "Mul", "Pow", "Sub", "Sum")


def shapes_of(call: Call) -> list[Known]:
    """Outputs of a node that reads numbers not there yet: sizes, or as many numbers.

    KeyError for an operator whose shapes are not followed.
    """
    operator = call.node.operator
    if operator in MEASURING:
        return MEASURING[operator](_with_places(call, (0,)))
    if operator in MOVING and operator not in SHAPE_RULES:
        n_numbers = {"Concat": len(call.inputs), "Gather": 2}.get(operator, 1)
        moved = MOVING[operator](_with_places(call, range(n_numbers)))
        return [Unseen(known) if isinstance(known, np.ndarray) else None for known in moved]
    return SHAPE_RULES[operator](_with_places(call, range(len(call.inputs))))


def _with_places(call: Call, places: range | tuple[int, ...]) -> Call:
    """The call with arrays in these places, though their numbers mean nothing."""
    inputs = tuple(
        known.array if isinstance(known, Unseen) and place in places else known
        for place, known in enumerate(call.inputs)
    )
    return Call(call.node, inputs, call.version, call.spend)


def _same(call: Call) -> list[Known]:
    return [unseen(call.array(0).shape)]


def _cast(call: Call) -> list[Known]:
    array, kind = call.array(0), NUMPY[call.node.integer("to")]
    if not any(array.strides):
        return [unseen(array.shape, kind)]
    call.spend(array.size * kind.itemsize)
    return [Unseen(array.astype(kind))]


def _broadcast(call: Call) -> list[Known]:
    shapes = [call.array(place).shape for place in range(len(call.inputs))]
    return [unseen(np.broadcast_shapes(*shapes))]


def _product(call: Call) -> list[Known]:
    a, b = call.array(0).shape, call.array(1).shape
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-2]:
        raise ValueError(a, b)
    return [unseen((*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1]))]


def _gemm(call: Call) -> list[Known]:
    a, b = (call.array(place).shape for place in (0, 1))
    n_rows = a[1] if call.node.integer("transA") else a[0]
    return [unseen((n_rows, b[0] if call.node.integer("transB") else b[1]))]


def _recurrent(call: Call) -> list[Known]:
    """Y, Y_h and Y_c."""
    first, second, _ = call.array(0).shape
    n_directions, _, n_units = call.array(2).shape
    if call.node.integer("layout"):
        last = (first, n_directions, n_units)
        return [unseen((first, second, n_directions, n_units)), unseen(last), unseen(last)]
    last = (n_directions, second, n_units)
    return [unseen((first, n_directions, second, n_units)), unseen(last), unseen(last)]


SHAPE_RULES: Mapping[str, Operator] = MappingProxyType(
    dict.fromkeys(_SAME, _same)
    | dict.fromkeys(_BROADCAST, _broadcast)
    | dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent)
    | {"Cast": _cast, "MatMul": _product, "Gemm": _gemm}
)
"""What is known of the shapes that operators make."""
