"""A recurrent node of the graph: its weights as the file has them, and its attributes.

ONNX operator documentation: LSTM, GRU, RNN (operator sets 1, 3, 7, 14 and 22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.activations import OnnxActivation, activations_of
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.initial_states import checked_states, states_at_start
from rnnviz.readers.onnx.node_weights import DYNAMIC, node_weights, stored_types

_X, _LENGTHS = 0, 4


class OperatorSignature(NamedTuple):
    """An operator: how many gates its weights are stacked of, its states, its activations."""

    n_gates: int
    states: tuple[str, ...]
    default_activations: tuple[str, ...]


_LSTM = OperatorSignature(4, ("hidden", "cell"), ("Sigmoid", "Tanh", "Tanh"))
SIGNATURES: Mapping[str, OperatorSignature] = MappingProxyType(
    {
        "LSTM": _LSTM,
        DYNAMIC: _LSTM,
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
    stored       the number types that they are stored in.
    initial        initial states by name, (direction, batch, unit), where the file has them.
    runtime_states states that come only at run time.
    activations  per direction.
    """

    scope: Scope
    node: OnnxNode
    label: str
    directions: tuple[str, ...]
    weights: Mapping[str, Array]
    stored: Mapping[str, str]
    activations: tuple[tuple[OnnxActivation, ...], ...]
    initial: Mapping[str, Array] = field(default_factory=dict)
    runtime_states: tuple[str, ...] = ()
    clip: float | None = None

    @property
    def operator(self) -> str:
        """LSTM, GRU or RNN."""
        return "LSTM" if self.node.operator == DYNAMIC else self.node.operator

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
    kind = SIGNATURES[node.operator]
    weights = node_weights(
        scope, node, label, values, n_directions=len(directions), n_gates=kind.n_gates
    )
    n_units = weights["R"].shape[2]
    found = states_at_start(scope, node, kind.states, weights, values)
    chosen = activations_of(node, label, kind.default_activations * len(directions))
    n = len(kind.default_activations)
    return RecurrentNode(
        scope,
        node,
        label,
        directions,
        weights,
        stored_types(scope, node),
        tuple(chosen[i : i + n] for i in range(0, len(chosen), n)),
        checked_states(found, node, label, len(directions), n_units),
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
