"""A recurrent node of the graph: its weights as the file has them, and its attributes.

ONNX operator documentation: LSTM, GRU, RNN (operator sets 1, 3, 7, 14 and 22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.activations import OnnxActivation, activations_of
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.operators import Fill
from rnnviz.readers.onnx.tensor import widen

_X, _LENGTHS = 0, 4
_MAX_READ = 1_000_000


class OperatorSignature(NamedTuple):
    """An operator: how many gates its weights are stacked of, its states, its activations."""

    n_gates: int
    states: tuple[str, ...]
    default_activations: tuple[str, ...]


SIGNATURES: Mapping[str, OperatorSignature] = MappingProxyType(
    {
        "LSTM": OperatorSignature(4, ("hidden", "cell"), ("Sigmoid", "Tanh", "Tanh")),
        "GRU": OperatorSignature(3, ("hidden",), ("Sigmoid", "Tanh")),
        "RNN": OperatorSignature(1, ("hidden",), ("Tanh",)),
    }
)
_DIRECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "forward": ("forward",),
        "reverse": ("backward",),
        "bidirectional": ("forward", "backward"),
    }
)


@dataclass(frozen=True, eq=False)
class RecurrentNode:
    """One LSTM, GRU or RNN node.

    label        its path in the file.
    weights      W, R and, where given, B and P, the direction first.
    initial        initial states by name, (direction, batch, unit), where the file has them.
    runtime_states states that come only at run time.
    activations  per direction.
    """

    scope: Scope
    node: OnnxNode
    label: str
    directions: tuple[str, ...]
    weights: Mapping[str, Array]
    activations: tuple[tuple[OnnxActivation, ...], ...]
    initial: Mapping[str, Array] = field(default_factory=dict)
    runtime_states: tuple[str, ...] = ()
    clip: float | None = None

    @property
    def signature(self) -> OperatorSignature:
        """Gates, states and activations of its operator."""
        return SIGNATURES[self.node.operator]

    @property
    def n_units(self) -> int:
        """Units of each direction."""
        return int(self.weights["R"].shape[2])

    @property
    def n_inputs(self) -> int:
        """Features it reads at a step."""
        return int(self.weights["W"].shape[2])

    @property
    def is_batch_first(self) -> bool:
        """True when its X is (batch, time, feature)."""
        return self.flag("layout")

    @property
    def lengths(self) -> str:
        """The name of its input sequence_lens, "" where it has none."""
        return self.node.input(_LENGTHS)

    @property
    def x(self) -> str:
        """The name of its input X."""
        return self.node.input(_X)

    def flag(self, name: str) -> bool:
        """The value of an attribute that is 0 or 1."""
        return self.node.integer(name) != 0

    def output(self, place: int) -> Value:
        """The output Y, Y_h or Y_c by its place."""
        outputs = self.node.outputs
        return Value(self.scope, outputs[place] if place < len(outputs) else "")


def recurrent_node(scope: Scope, node: OnnxNode, label: str, values: Values) -> RecurrentNode:
    """The node with its weights.

    Raises ModelError where they are not in the file or do not fit each other.
    """
    directions = _directions(node, label)
    weights = _weights(scope, node, label, values, len(directions))
    found = _initial(scope, node, values)
    n_units = weights["R"].shape[2]
    kind = SIGNATURES[node.operator]
    chosen = activations_of(node, label, kind.default_activations * len(directions))
    n = len(kind.default_activations)
    return RecurrentNode(
        scope,
        node,
        label,
        directions,
        weights,
        tuple(chosen[i : i + n] for i in range(0, len(chosen), n)),
        _checked_states(found, node, label, len(directions), n_units),
        tuple(name for name, known in found.items() if known is None),
        _clip(node, label),
    )


def _directions(node: OnnxNode, label: str) -> tuple[str, ...]:
    found = node.attributes.get("direction")
    came = found.s.decode("utf-8", "replace") if found is not None else "forward"
    if came not in _DIRECTIONS:
        raise ModelError(
            "{node}: its direction should be forward, reverse or bidirectional, but it is"
            " “{came}”; export the model again.",
            node=label,
            came=shown(came),
        )
    return _DIRECTIONS[came]


def _clip(node: OnnxNode, label: str) -> float | None:
    found = node.attributes.get("clip")
    if found is None:
        return None
    if not 0 < found.f < np.inf:
        raise ModelError(
            "{node}: its clip should be a number above 0, but it is {came};"
            " export the model without it.",
            node=label,
            came=found.f,
        )
    return float(str(np.float32(found.f)))


def _weights(
    scope: Scope, node: OnnxNode, label: str, values: Values, n_directions: int
) -> dict[str, Array]:
    places = {"W": 1, "R": 2, "B": 3, "P": 7}
    names = {key: node.input(place) for key, place in places.items()}
    given = {k: n for k, n in names.items() if n or k in ("W", "R")}
    arrays = {key: _weight(scope, name, label, key, values) for key, name in given.items()}
    sizes = _sizes(node, arrays, n_directions)
    for key, array in arrays.items():
        _check_shape(label, key, array, sizes[key])
    return arrays


def _weight(scope: Scope, name: str, label: str, key: str, values: Values) -> Array:
    array = values.constant(scope, name)
    if array is None:
        raise ModelError(
            "{node}: its weights {key} are not in the file but come or are computed at run time;"
            " export the model with constant float weights.",
            node=label,
            key=key,
        )
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


def _sizes(node: OnnxNode, arrays: Mapping[str, Array], n: int) -> dict[str, tuple[int, ...]]:
    gates = SIGNATURES[node.operator].n_gates
    input_shape, recurrent_shape = arrays["W"].shape, arrays["R"].shape
    units = node.integer("hidden_size", recurrent_shape[-1] if recurrent_shape else 0)
    features = input_shape[-1] if input_shape else 0
    return {
        "W": (n, gates * units, features),
        "R": (n, gates * units, units),
        "B": (n, 2 * gates * units),
        "P": (n, 3 * units),
    }


def _check_shape(label: str, key: str, array: Array, wanted: tuple[int, ...]) -> None:
    if array.shape != wanted or 0 in wanted:
        raise ModelError(
            "{node}: its {key} should be {wanted} (direction first) but is {came};"
            " export the model again.",
            node=label,
            key=key,
            wanted=wanted,
            came=array.shape,
        )


def _initial(scope: Scope, node: OnnxNode, values: Values) -> dict[str, Any]:
    places = zip(SIGNATURES[node.operator].states, (5, 6), strict=False)
    given = {state: node.input(place) for state, place in places}
    return {state: _initial_value(scope, name, values) for state, name in given.items() if name}


def _initial_value(scope: Scope, name: str, values: Values) -> Any:
    """An initial state as array or Fill, even when its rows are computed; None for an input."""
    known = values.evaluate(scope, name)
    if known is not None:
        return known
    # The number of rows is known only at run time: with one row, whatever is read.
    first, second = (
        values.with_values(_runtime_inputs(scope.frame, number)).constant(scope, name)
        for number in (0, 1)
    )
    is_same = first is not None and second is not None and np.array_equal(first, second)
    return first if is_same else None


def _runtime_inputs(frame: Scope, number: int) -> dict[Value, Array]:
    """Inputs of the graph filled with one number, axes of unknown length 1 long."""
    probes = {}
    for name, given in frame.inputs.items():
        if given is not None and name not in frame.tensors:
            dims = given.tensor_type.shape.dim
            kind = np.float32 if given.tensor_type.elem_type in (1, 10, 11, 16) else np.int64
            shape = tuple(d.dim_value if 0 < d.dim_value < 1 << 16 else 1 for d in dims[:8])
            if prod(shape) <= _MAX_READ:
                probes[Value(frame, name)] = np.full(shape, number, kind)
    return probes


def _checked_states(
    found: Mapping[str, Any], node: OnnxNode, label: str, n_directions: int, n_units: int
) -> dict[str, Array]:
    swaps = node.integer("layout") != 0
    shaped = {}
    for state, known in found.items():
        if isinstance(known, Fill):
            known = np.full((n_directions, 1, n_units), known.number, np.float32)
        elif known is not None and swaps and known.ndim == 3:
            known = known.swapaxes(0, 1)
        if known is not None:
            rows = known.shape[1] if known.ndim == 3 else 0
            _check_shape(label, f"initial {state}", known, (n_directions, rows, n_units))
            shaped[state] = widen(known)
    return shaped
