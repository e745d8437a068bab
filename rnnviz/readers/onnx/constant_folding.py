"""Constant folding: values of a graph that are known before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.operators import MOVING, OPERATORS, Call, Fill, Known
from rnnviz.readers.onnx.tensor import tensor_array

_MAX_CHAIN = 100  # nodes one after the other, from a constant to a weight
_SPARE = 64_000_000
# What NumPy raises for shapes, axes and types that do not fit: the value then is not known.
_MISFITS = (ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError)


class Budget:
    """Bytes that may be allocated while a file is read: a few times the size of the file."""

    def __init__(self, n_bytes: int) -> None:
        self.bound = self.left = _SPARE + 4 * n_bytes

    def spend(self, n_bytes: int) -> None:
        """Count bytes that are about to be allocated. Raises ModelError when there are too many."""
        self.left -= n_bytes
        if self.left < 0:
            raise ModelError(
                "The model's weights unpack to more than {bound} bytes, far more than its file"
                " holds; save them as plain initializers.",
                bound=self.bound,
            )


class Values:
    """Values of a graph that do not depend on its input."""

    def __init__(self, budget: Budget, folder: Path | None) -> None:
        self.budget, self.folder = budget, folder
        self._tensors: dict[Value, Array] = {}
        self._known: dict[Value, Known] = {}
        self._refuses = True

    def with_values(self, probes: Mapping[Value, Array]) -> Values:
        """Values of the graph when these have been computed at run time."""
        other = Values(Budget(0), self.folder)
        other._tensors = self._tensors
        other._refuses = False
        other._known = dict(probes)
        return other

    def constant(self, scope: Scope, name: str) -> Array | None:
        """The array of a name that does not depend on the input; None for any other."""
        known = self.evaluate(scope, name)
        return known if isinstance(known, np.ndarray) else None

    def evaluate(self, scope: Scope, name: str, depth: int = 0) -> Known:
        """The value as an array, as a Fill of unknown shape, or None where it is not known."""
        if not name or depth > _MAX_CHAIN:
            return None
        value = scope.resolve(name)
        if value not in self._known:
            self._known[value] = self._look_up(value, depth)
        return self._known[value]

    def _look_up(self, value: Value, depth: int) -> Known:
        if value.name in value.scope.producers:
            node, place = value.scope.producers[value.name]
            return self._run_node(value.scope, node, depth)[place]
        if value.name in value.scope.tensors:
            return self._tensor(value, value.scope.tensors[value.name])
        return None

    def _tensor(self, value: Value, tensor: Any) -> Array:
        if value not in self._tensors:
            self._tensors[value] = tensor_array(tensor, self.folder)
        return self._tensors[value]

    def _run_node(self, scope: Scope, node: OnnxNode, depth: int) -> list[Known]:
        unknown: list[Known] = [None] * len(node.outputs)
        if node.operator == "Constant":
            return [self._constant(scope, node), *unknown]
        if node.operator not in OPERATORS:
            return unknown
        inputs = [self.evaluate(scope, name, depth + 1) for name in node.inputs]
        if node.operator == "ConstantOfShape":
            inputs.append(self._fill_value(node))
        if node.operator in MOVING and node.operator != "Concat" and _is_fill(inputs):
            return inputs[:1] * len(node.outputs)
        call = Call(node, tuple(inputs), scope.version, self.budget.spend)
        return (self._apply(OPERATORS[node.operator], call) + unknown)[: len(node.outputs)]

    def _constant(self, scope: Scope, node: OnnxNode) -> Known:
        attributes = node.attributes
        if "value" in attributes:
            return self._tensor(Value(scope, node.outputs[0]), attributes["value"].t)
        for name, kind in (("value_float", np.float32), ("value_int", np.int64)):
            if name in attributes:
                return np.array(getattr(attributes[name], name[6]), kind)
            if f"{name}s" in attributes:
                return np.array(getattr(attributes[f"{name}s"], f"{name[6:]}s"), kind)
        return None

    def _fill_value(self, node: OnnxNode) -> Array:
        if "value" not in node.attributes:
            return np.zeros(1, np.float32)
        return tensor_array(node.attributes["value"].t, self.folder)

    def _apply(self, operator: Callable[[Call], list[Known]], call: Call) -> list[Known]:
        try:
            return operator(call)
        except ModelError:
            # Too much for numbers that are only followed says nothing against the file.
            if self._refuses:
                raise
            return []
        except _MISFITS:
            return []


def _is_fill(inputs: list[Known]) -> bool:
    return bool(inputs) and isinstance(inputs[0], Fill)
