"""Weights of a recurrent node: from the file, dequantised, or moved there by other nodes.

ONNX operator documentation: LSTM, GRU, RNN; onnxruntime's ContribOperators.md:
com.microsoft.DynamicQuantizeLSTM.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.operators import MOVING
from rnnviz.readers.onnx.quantised import QUANTISED, dequantised
from rnnviz.readers.onnx.tensor import type_name, widen

DYNAMIC = "com.microsoft::DynamicQuantizeLSTM"
_PLACES = {"W": 1, "R": 2, "B": 3, "P": 7}
_SCALES = {"W": (8, 9), "R": (10, 11)}
_MAX_FOLLOWED = 1_000


def node_weights(
    scope: Scope, node: OnnxNode, label: str, values: Values, *, n_directions: int, n_gates: int
) -> dict[str, Array]:
    """W, R and, where given, B and P, the direction first.

    Raises ModelError where they are not in the file or do not fit each other.
    """
    names = {key: node.input(place) for key, place in _PLACES.items()}
    given = {k: n for k, n in names.items() if n or k in ("W", "R")}
    arrays = {key: _weight(scope, node, label, key, values) for key in given}
    sizes = _sizes(node, arrays, n_directions, n_gates)
    for key, array in arrays.items():
        check_node_shape(label, key, array, sizes[key])
    return arrays


def stored_types(scope: Scope, node: OnnxNode) -> dict[str, str]:
    """The number types that the weights are stored in."""
    return {
        key: stored_type(scope, node.input(place))
        for key, place in _PLACES.items()
        if node.input(place)
    }


def stored_type(scope: Scope, name: str) -> str:
    """The number type that a constant is made of: "float16", "int8", "float32, int8"."""
    return ", ".join(sorted(_types(scope, name)))


def _types(scope: Scope, name: str) -> set[str]:
    waiting, found = [scope.resolve(name)], set()
    seen: set[Value] = set()
    while waiting and len(seen) < _MAX_FOLLOWED:
        value = waiting.pop()
        if value in seen:
            continue
        seen.add(value)
        made = value.scope.producers.get(value.name)
        if made is None or made[0].operator == "Constant":
            found |= _type(value, made)
        else:
            waiting += [value.scope.resolve(n) for n in _read_from(made[0]) if n]
    return found


def _type(value: Value, made: tuple[OnnxNode, int] | None) -> set[str]:
    tensor = value.scope.tensors.get(value.name)
    if made is not None and "value" in made[0].attributes:
        tensor = made[0].attributes["value"].t
    return {type_name(tensor.data_type)} if tensor is not None else set()


def _read_from(node: OnnxNode) -> tuple[str, ...]:
    is_one = node.operator in QUANTISED or (node.operator in MOVING and node.operator != "Concat")
    return node.inputs[:1] if is_one else node.inputs


def _weight(scope: Scope, node: OnnxNode, label: str, key: str, values: Values) -> Array:
    array = values.constant(scope, node.input(_PLACES[key]))
    if array is None:
        raise ModelError(
            "{node}: its weights {key} are not in the file but come or are computed at run time;"
            " export the model with constant weights, or save them instead:"
            ' torch.save(module.state_dict(), "weights.pt").',
            node=label,
            key=key,
        )
    if node.operator == DYNAMIC and key in _SCALES:
        array = _dequantised(scope, node, label, key, array, values)
    if array.dtype.kind != "f":
        raise ModelError(
            "{node}: its weights {key} should be floating-point numbers, but they are {came};"
            " export the model in float32.",
            node=label,
            key=key,
            came=array.dtype,
        )
    values.budget.spend(2 * array.nbytes)
    # NumPy multiplies float16 slowly and loosely; float32 holds all of its numbers.
    return widen(array)


def _dequantised(
    scope: Scope, node: OnnxNode, label: str, key: str, stored: Array, values: Values
) -> Array:
    """W or R (direction, input, gate × unit) of whole numbers ▶ (direction, gate × unit, input)."""
    scale, zero = (values.constant(scope, node.input(place)) for place in _SCALES[key])
    values.budget.spend(4 * stored.size)
    try:
        spread = [_by_column(each, stored) for each in (scale, zero)]
        return dequantised(stored, *spread).swapaxes(1, 2)
    except (ValueError, AttributeError) as error:
        raise ModelError(
            "{node}: its quantised weights {key} should have a scale and a zero point in the file"
            " for each direction, but they have not; export the model in float32.",
            node=label,
            key=key,
        ) from error


def _by_column(given: Any, stored: Array) -> Array:
    """A number for each direction, or for each of its columns too, along those axes."""
    if given.size == stored.shape[0]:
        return np.asarray(given.reshape(-1, 1, 1))
    return np.asarray(given.reshape(stored.shape[0], 1, stored.shape[2]))


def _sizes(
    node: OnnxNode, arrays: Mapping[str, Array], n: int, n_gates: int
) -> dict[str, tuple[int, ...]]:
    input_shape, recurrent_shape = arrays["W"].shape, arrays["R"].shape
    units = node.integer("hidden_size", recurrent_shape[-1] if recurrent_shape else 0)
    features = input_shape[-1] if input_shape else 0
    return {
        "W": (n, n_gates * units, features),
        "R": (n, n_gates * units, units),
        "B": (n, 2 * n_gates * units),
        "P": (n, 3 * units),
    }


def check_node_shape(label: str, key: str, array: Array, wanted: tuple[int, ...]) -> None:
    """Raise ModelError naming the node's array when it has another shape, or none."""
    if array.shape != wanted or 0 in wanted:
        raise ModelError(
            "{node}: its {key} should be {wanted} (direction first) but is {came};"
            " export the model again.",
            node=label,
            key=key,
            wanted=wanted,
            came=array.shape,
        )
