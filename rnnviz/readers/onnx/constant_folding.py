"""Constant folding: values of a graph that are known before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.arithmetic import ARITHMETIC
from rnnviz.readers.onnx.external import external_location, file_size, is_beside
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.known import Call, Known, Spread, Unseen, unseen
from rnnviz.readers.onnx.operators import FILLING, MEASURING, MOVING, Operator
from rnnviz.readers.onnx.quantised import QUANTISED
from rnnviz.readers.onnx.shapes import SHAPE_RULES, shapes_of
from rnnviz.readers.onnx.tensor import stored_size, tensor_array
from rnnviz.readers.result import Source

FOLDED: Mapping[str, Operator] = MappingProxyType(
    {**MOVING, **MEASURING, **FILLING, **ARITHMETIC, **QUANTISED}
)
"""All that is computed while a file is read."""
_SPARE = 64_000_000
_TIMES = 14  # one byte that is dequantised becomes four, and twelve with its copies
_PROBED = 256_000_000  # bytes, and the nodes below: what is tried with numbers of our own
_MAX_PROBED_NODES = 60_000
_FOLDED = {*FOLDED, "If"}
_FOLLOWED = {*_FOLDED, *SHAPE_RULES}
_MAX_INPUT_AXES = 8
_MAX_INPUT = 1 << 40
_FLOATS = (1, 10, 11, 16)
# What NumPy raises for shapes, axes and types that do not fit: the value then is not known.
_MISFITS = (ValueError, IndexError, KeyError, TypeError, ArithmeticError, AttributeError)


class Budget:
    """Bytes that may be allocated while a file is read: a few times the size of the file."""

    def __init__(self, n_bytes: int) -> None:
        self.bound = self.left = _SPARE + _TIMES * n_bytes
        self._files: set[str] = set()

    def add_file(self, name: str, n_bytes: int) -> None:
        """Count a file beside the model's as a part of it, once."""
        if name not in self._files:
            self._files.add(name)
            self.bound += _TIMES * n_bytes
            self.left += _TIMES * n_bytes

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

    def __init__(self, budget: Budget, source: Source) -> None:
        self.budget, self.source = budget, source
        self._tensors: dict[Value, Array] = {}
        self._known: dict[Value, Known] = {}
        self._sizes: tuple[int, int] | None = None
        self._probed = _ProbeBudget()
        self._runs: dict[tuple[int, int], Values] = {}

    def at_run_time(
        self, sizes: tuple[int, int], given: Mapping[Value, Known] = MappingProxyType({})
    ) -> Values:
        """Values when the graph's inputs have these first two axes, where the file fixes none.

        given  what has been computed by then.
        """
        if not given and sizes in self._runs:
            return self._runs[sizes]
        other = Values(self.budget, self.source)
        other._tensors, other._probed, other._sizes = self._tensors, self._probed, sizes
        other._known = dict(given)
        if not given:
            self._runs[sizes] = other
        return other

    def affords(self, n_bytes: int) -> bool:
        """Count bytes of numbers that are only tried; False when there have been too many."""
        try:
            self._probed.spend(n_bytes)
        except ValueError:
            return False
        return True

    def constant(self, scope: Scope, name: str) -> Array | None:
        """The array of a name that does not depend on the input; None for any other."""
        known = self.evaluate(scope, name)
        return known if isinstance(known, np.ndarray) else None

    def evaluate(self, scope: Scope, name: str) -> Known:
        """The value as an array, a Spread or an Unseen; None where nothing is known of it."""
        if not name:
            return None
        wanted = scope.resolve(name)
        waiting = [wanted]
        opened: set[Value] = set()
        while waiting:
            value = waiting[-1]
            missing = [] if value in self._known else self._missing(value, opened)
            if missing:
                opened.add(value)
                waiting += missing
            else:
                self._look_up(waiting.pop())
        return self._known[wanted]

    def _missing(self, value: Value, opened: set[Value]) -> list[Value]:
        """What must be known first. A circle is cut where it comes round."""
        return [v for v in self._needs(value) if v not in self._known and v not in opened]

    def _needs(self, value: Value) -> Iterator[Value]:
        node, _ = value.scope.producers.get(value.name, (None, 0))
        if node is not None and node.operator in (_FOLDED if self._sizes is None else _FOLLOWED):
            yield from (value.scope.resolve(name) for name in node.inputs if name)
            if (taken := self._taken(value)) is not None:
                yield taken

    def _taken(self, value: Value) -> Value | None:
        """The result of the branch of an If that is taken, where that is known."""
        node, place = value.scope.producers[value.name]
        branches = {inner.path[-1]: inner for inner in value.scope.inner.get(node, ())}
        if node.operator != "If":
            return None
        choice = self._known.get(value.scope.resolve(node.input(0)))
        if not isinstance(choice, np.ndarray) or choice.size != 1:
            return None
        branch = branches.get("then_branch" if choice.reshape(-1)[0] else "else_branch")
        if branch is None or place >= len(branch.outputs):
            return None
        return branch.resolve(branch.outputs[place])

    def _look_up(self, value: Value) -> None:
        if value in self._known:
            return
        if value.name in value.scope.producers:
            self._run(value)
        elif value.name in value.scope.tensors:
            self._known[value] = self._tensor(value, value.scope.tensors[value.name])
        else:
            self._known[value] = self._input(value)

    def _input(self, value: Value) -> Known:
        """A graph's input, of which only a shape is known."""
        declared = value.scope.inputs.get(value.name)
        if self._sizes is None or declared is None or not declared.tensor_type.HasField("shape"):
            return None
        dims = declared.tensor_type.shape.dim[:_MAX_INPUT_AXES]
        free = (*self._sizes, *[1] * len(dims))
        shape = tuple(d.dim_value if d.dim_value > 0 else free[i] for i, d in enumerate(dims))
        kind = np.float32 if declared.tensor_type.elem_type in _FLOATS else np.int64
        return unseen(shape, kind) if prod(shape) <= _MAX_INPUT else None

    def _tensor(self, value: Value, tensor: Any) -> Array:
        if value not in self._tensors:
            if is_beside(tensor):
                location = external_location(tensor)
                self.budget.add_file(location, file_size(location, self.source))
                self.budget.spend(prod(stored_size(tensor)))
            self._tensors[value] = tensor_array(tensor, self.source)
        return self._tensors[value]

    def _run(self, value: Value) -> None:
        """The node that gives a value, with all that it gives."""
        node, _ = value.scope.producers[value.name]
        if node.operator == "If":
            taken = self._taken(value)
            self._known[value] = None if taken is None else self._known.get(taken)
            return
        for name, known in zip_longest(node.outputs, self._outputs(value.scope, node)):
            if name:
                self._known.setdefault(Value(value.scope, name), known)

    def _outputs(self, scope: Scope, node: OnnxNode) -> list[Known]:
        inputs = [self._known.get(scope.resolve(name)) if name else None for name in node.inputs]
        if node.operator == "Constant":
            return [self._constant(scope, node)]
        if node.operator == "ConstantOfShape":
            inputs.append(self._fill_value(node))
        if _is_moved_spread(node, inputs):
            return inputs[:1] * len(node.outputs)
        spend = self.budget.spend if self._sizes is None else self._probed.spend
        call = Call(node, tuple(inputs), scope.version, spend)
        try:
            self._probed.count(self._sizes is not None)
            if any(isinstance(known, Unseen) for known in inputs):
                return shapes_of(call)
            return FOLDED[node.operator](call)[: len(node.outputs)]
        except ModelError:
            raise
        except _MISFITS:
            return []

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
        return tensor_array(node.attributes["value"].t, self.source)


class _ProbeBudget:
    """Bytes and nodes that may be spent on what is only tried; ValueError when they are gone."""

    def __init__(self) -> None:
        self.n_bytes, self.n_nodes = _PROBED, _MAX_PROBED_NODES

    def spend(self, n_bytes: int) -> None:
        self.n_bytes -= n_bytes
        if self.n_bytes < 0:
            raise ValueError(n_bytes)

    def count(self, is_probe: bool) -> None:
        self.n_nodes -= is_probe
        if self.n_nodes < 0:
            raise ValueError(self.n_nodes)


def _is_moved_spread(node: OnnxNode, inputs: list[Known]) -> bool:
    is_moved = node.operator in MOVING and node.operator != "Concat"
    return is_moved and bool(inputs) and isinstance(inputs[0], Spread) and inputs[0].is_uniform
