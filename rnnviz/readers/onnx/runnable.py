"""A part of the file that can be run: the nodes up to some values, and these as its outputs.

No node is changed; what they do not need is left out, and data that lies beside the file is put
inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, NamedTuple

from rnnviz.readers.onnx.external import external_bytes, is_beside
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.tensor import stored_size
from rnnviz.readers.result import Source

_KNOWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
_LOOPS = ("Loop", "Scan", "SequenceMap")
_MAX_PARTS = 100_000  # nodes, inputs and constants to look through, for all parts together
_MAX_TIMES, _SPARE = 4, 16_000_000  # bytes of all parts together, by those of the file


class Unrunnable(Exception):
    """The file has parts that no library here can run."""


class FunctionKey(NamedTuple):
    """What a node names a local function by."""

    domain: str
    name: str
    overload: str


class RunnableFile:
    """A file's model whose values become outputs; their names are added to the ModelProto."""

    def __init__(self, proto: Any, source: Source) -> None:
        self.proto, self.source = proto, source
        self.n_parts = _MAX_PARTS
        self.n_bytes = _MAX_TIMES * len(source.data) + _SPARE
        self.functions = {
            FunctionKey(f.domain, f.name, f.overload): f for f in self.proto.functions
        }
        self.n_named = 0

    def expose(self, value: Value) -> str:
        """The name of a value in the graph itself. Unrunnable for one inside the body of a loop."""
        scope, name = value
        while scope.caller is not None:
            name = self._pass_on(scope, name)
            scope = scope.caller
        if scope.parent is not None or not name:
            raise Unrunnable(name)
        return name

    def expose_output(self, scope: Scope, node: OnnxNode) -> Value:
        """A node's first output, named where it has no name."""
        proto = self._nodes(scope)[scope.nodes.index(node)]
        if not proto.output:
            proto.output.append("")
        proto.output[0] = proto.output[0] or self._new_name()
        return Value(scope, proto.output[0])

    def cut(self, names: Iterable[str]) -> tuple[bytes, set[str]]:
        """The file with these values as its outputs and what they need, and all names in it."""
        graph = self.proto.graph
        self.n_parts -= len(graph.node) + len(graph.input) + len(graph.initializer)
        if self.n_parts < 0:
            raise Unrunnable(self.n_parts)
        outputs = list(dict.fromkeys(names))
        kept, needed = _needed(graph.node, set(outputs))
        given = {each.name for each in graph.input}
        self._check(kept, [tensor for tensor in graph.initializer if tensor.name in needed])
        copy = type(self.proto)()
        copy.ir_version = self.proto.ir_version
        copy.opset_import.extend(self.proto.opset_import)
        copy.functions.extend(self.proto.functions)
        copy.graph.name = "graph"
        copy.graph.node.extend(kept)
        copy.graph.input.extend(each for each in graph.input if each.name in needed)
        for tensor in graph.initializer:
            if tensor.name in needed:
                self._add(copy.graph, tensor)
        for name in outputs:
            if name not in given:
                copy.graph.output.add().name = name
        return copy.SerializeToString(), needed

    def _add(self, graph: Any, tensor: Any) -> None:
        added = graph.initializer.add()
        added.CopyFrom(tensor)
        if is_beside(tensor):
            added.raw_data = external_bytes(tensor, prod(stored_size(tensor)), self.source)
            added.ClearField("external_data")
            added.ClearField("data_location")

    def _pass_on(self, scope: Scope, name: str) -> str:
        """A value of a function as one more output of its call."""
        assert scope.caller is not None
        nodes = self._nodes(scope.caller)
        call = nodes[_place(scope)]
        function = self.functions[_key(call)]
        if name not in function.output:
            function.output.append(name)
        number = list(function.output).index(name)
        call.output.extend([""] * (number + 1 - len(call.output)))
        call.output[number] = call.output[number] or self._new_name()
        return str(call.output[number])

    def _nodes(self, scope: Scope) -> Any:
        """The nodes of a graph or a function as the copy has them."""
        if scope.caller is None:
            if scope.parent is not None:
                raise Unrunnable(scope.path)
            return self.proto.graph.node
        return self.functions[_key(self._nodes(scope.caller)[_place(scope)])].node

    def _new_name(self) -> str:
        self.n_named += 1
        return f"rnnviz {self.n_named}"

    def _check(self, nodes: list[Any], tensors: list[Any]) -> None:
        for node in (*nodes, *(n for f in self.functions.values() for n in f.node)):
            is_known = node.domain in _KNOWN_DOMAINS or _key(node) in self.functions
            if not is_known or _loops(node):
                raise Unrunnable(node.op_type)
        sizes = (prod(stored_size(t)) if is_beside(t) else t.ByteSize() for t in tensors)
        parts = (part.ByteSize() for part in (*nodes, *self.functions.values()))
        self.n_bytes -= sum(sizes) + sum(parts)
        if self.n_bytes < 0:
            raise Unrunnable(self.n_bytes)


def _place(scope: Scope) -> int:
    """Where the call of a function stands among its caller's nodes."""
    assert scope.caller is not None
    inner = scope.caller.inner
    return next(i for i, n in enumerate(scope.caller.nodes) if scope in inner.get(n, ()))


def _key(node: Any) -> FunctionKey:
    return FunctionKey(node.domain, node.op_type, node.overload)


def _needed(nodes: Any, needed: set[str]) -> tuple[list[Any], set[str]]:
    """The nodes that some values need, in the file's order, and the names that all of them read."""
    kept = []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.output):
            kept.append(node)
            needed |= set(node.input) | _captured(node)
    return kept[::-1], needed


def _loops(node: Any) -> bool:
    """True for a node that runs a body as often as the file says, or has one inside."""
    bodies = [body for a in node.attribute for body in (*a.graphs, a.g)]
    return node.op_type in _LOOPS or any(_loops(inner) for body in bodies for inner in body.node)


def _captured(node: Any) -> set[str]:
    """Every name that the bodies of a node read, those of their own included."""
    found: set[str] = set()
    for attribute in node.attribute:
        for body in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
            found |= {each.name for each in body.output}
            for inner in body.node:
                found |= set(inner.input) | _captured(inner)
    return found
