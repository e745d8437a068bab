"""Producers of values: a graph, the bodies of If, Loop and Scan, and local functions.

A name in a body may come from the graph around it; one in a function is the caller's argument.
ONNX IR specification, "Graphs" and "Functions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError

MAX_NODES = 30_000
_MAX_PARTS = 400_000  # names, attributes and constants, each time a function brings them
_MAX_DEPTH = 32
_MAX_HOPS = 100
_GRAPH, _GRAPHS = 5, 10  # AttributeProto.AttributeType


@dataclass(frozen=True, eq=False)
class OnnxNode:
    """One operation: its operator, with `domain::` before it where that is not ONNX's own."""

    operator: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def input(self, place: int) -> str:
        """The name of an input, "" where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else ""

    def integer(self, name: str, default: int = 0) -> int:
        """An attribute that is an integer."""
        return int(self.attributes[name].i) if name in self.attributes else default


class Value(NamedTuple):
    """A name and the scope that it belongs to."""

    scope: Scope
    name: str


@dataclass(frozen=True, eq=False)
class Scope:
    """One graph, body or function call.

    path     the nodes it stands in, outermost first.
    tensors  its constant inputs by name.
    inputs   its inputs at run time, by name with declared shape and type.
    arguments  of a function, by parameter.
    parent   the graph around a body.
    frame    the graph or body that it runs in: a function's caller's.
    inner    the bodies, or the function, of its nodes.
    """

    path: tuple[str, ...]
    nodes: tuple[OnnxNode, ...]
    tensors: Mapping[str, Any]
    inputs: Mapping[str, Any]
    outputs: tuple[str, ...]
    version: int
    parent: Scope | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict)
    caller: Scope | None = None
    inner: dict[OnnxNode, tuple[Scope, ...]] = field(default_factory=dict)
    producers: Mapping[str, tuple[OnnxNode, int]] = field(init=False)

    def __post_init__(self) -> None:
        made = {n: (node, i) for node in self.nodes for i, n in enumerate(node.outputs) if n}
        object.__setattr__(self, "producers", made)

    @cached_property
    def consumers(self) -> Mapping[str, list[OnnxNode]]:
        """The nodes of this scope that read a name."""
        found: dict[str, list[OnnxNode]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def declared_sizes(self) -> tuple[tuple[int, int], ...]:
        """The first two axes of its inputs as the file fixes them, 0 for one left free."""
        pairs = [_first_axes(given) for given in self.inputs.values() if given is not None]
        return tuple(dict.fromkeys(pair for pair in pairs if any(pair)))

    @property
    def frame(self) -> Scope:
        """The graph or body that it is computed in, through function calls."""
        scope = self
        while scope.caller is not None:
            scope = scope.caller
        return scope

    def resolve(self, name: str) -> Value:
        """The value that a name stands for, through functions and out of bodies."""
        value = Value(self, name)
        for _ in range(_MAX_HOPS):
            after = _hop(value)
            if after is None:
                return value
            value = after
        return Value(self, "")

    def walk(self) -> Iterator[tuple[Scope, OnnxNode]]:
        """Every node, those of the bodies and functions inside after their own node."""
        for node in self.nodes:
            yield self, node
            for scope in self.inner.get(node, ()):
                yield from scope.walk()


def _first_axes(given: Any) -> tuple[int, int]:
    dims = given.tensor_type.shape.dim
    return (dims[0].dim_value, dims[1].dim_value) if len(dims) > 1 else (0, 0)


def _hop(value: Value) -> Value | None:
    scope, name = value
    if name in scope.arguments:
        return scope.arguments[name]
    if name in scope.producers:
        node, place = scope.producers[name]
        return _result(scope.inner.get(node, ()), place)
    if name in scope.tensors or name in scope.inputs or scope.parent is None:
        return None
    return Value(scope.parent, name)


def _result(inner: tuple[Scope, ...], place: int) -> Value | None:
    # A function's result; what comes out of an If or a Loop is not known before it runs.
    if len(inner) == 1 and inner[0].caller is not None and place < len(inner[0].outputs):
        return Value(inner[0], inner[0].outputs[place])
    return None


def scope_of(model: Any) -> Scope:
    """The model's graph with all that is inside it.

    Raises ModelError for too many nodes, too deep ones, and sparse constants.
    """
    builder = _Builder(model)
    return builder.graph(model.graph, (), _version(model.opset_import), None, {})


def _version(imports: Any) -> int:
    return max((entry.version for entry in imports if entry.domain in ("", "ai.onnx")), default=1)


class _Builder:
    def __init__(self, model: Any) -> None:
        self.functions = {(f.domain, f.name, f.overload): f for f in model.functions}
        self.n_nodes = self.n_parts = 0

    def graph(
        self,
        graph: Any,
        path: tuple[str, ...],
        version: int,
        parent: Scope | None,
        outer: Mapping[str, Any],
    ) -> Scope:
        if graph.sparse_initializer:
            raise ModelError(
                "The model's weights are stored as sparse tensors, which are not read;"
                " export it with dense ones."
            )
        self._count(graph.node, graph.initializer, graph.input, graph.output)
        scope = Scope(
            path,
            tuple(_node(proto, outer) for proto in graph.node),
            {tensor.name: tensor for tensor in graph.initializer},
            {given.name: given.type for given in graph.input},
            tuple(made.name for made in graph.output),
            version,
            parent,
        )
        self._fill(scope, graph.node, outer)
        return scope

    def _function(self, function: Any, scope: Scope, node: OnnxNode) -> Scope:
        self._count(
            function.node,
            *(function.input, function.output, function.opset_import),
            *(function.attribute_proto, node.inputs, node.attributes),
        )
        given = dict(zip(function.input, node.inputs, strict=False))
        attributes = {a.name: a for a in function.attribute_proto} | dict(node.attributes)
        inner = Scope(
            (*scope.path, node_label(node)),
            tuple(_node(proto, attributes) for proto in function.node),
            {},
            dict.fromkeys(function.input),
            tuple(function.output),
            _version(function.opset_import),
            arguments={name: Value(scope, came) for name, came in given.items() if came},
            caller=scope,
        )
        self._fill(inner, function.node, attributes)
        return inner

    def _fill(self, scope: Scope, protos: Any, outer: Mapping[str, Any]) -> None:
        self._check(scope)
        for node, proto in zip(scope.nodes, protos, strict=True):
            function = self.functions.get((proto.domain, proto.op_type, proto.overload))
            if function is not None:
                scope.inner[node] = (self._function(function, scope, node),)
            elif bodies := tuple(_bodies(node)):
                scope.inner[node] = tuple(
                    self.graph(body, (*scope.path, *path), scope.version, scope, outer)
                    for path, body in bodies
                )

    def _count(self, nodes: Any, *parts: Sized) -> None:
        self.n_nodes += len(nodes)
        self.n_parts += sum(map(len, parts))
        if self.n_nodes <= MAX_NODES:
            self.n_parts += sum(len(n.input) + len(n.output) + len(n.attribute) for n in nodes)
        if self.n_nodes > MAX_NODES or self.n_parts > _MAX_PARTS:
            raise ModelError(
                "A graph may have {bound} nodes, functions and bodies counted where they are used,"
                " but this one has more; export the recurrent part alone.",
                bound=MAX_NODES,
            )

    def _check(self, scope: Scope) -> None:
        if len(scope.path) > _MAX_DEPTH:
            raise ModelError(
                "Bodies and functions may stand {bound} deep in each other, but these stand deeper;"
                " export a simpler graph.",
                bound=_MAX_DEPTH,
            )


def _node(proto: Any, outer: Mapping[str, Any]) -> OnnxNode:
    domain = "" if proto.domain in ("", "ai.onnx") else f"{proto.domain}::"
    attributes = {}
    for attribute in proto.attribute:
        came = outer.get(attribute.ref_attr_name) if attribute.ref_attr_name else attribute
        if came is not None:
            attributes[attribute.name] = came
    return OnnxNode(
        domain + proto.op_type, proto.name, tuple(proto.input), tuple(proto.output), attributes
    )


def _bodies(node: OnnxNode) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each body with what leads to it: the node, and for an If its branch."""
    for name, attribute in node.attributes.items():
        path = (node_label(node), shown(name)) if node.operator == "If" else (node_label(node),)
        if attribute.type == _GRAPH:
            yield path, attribute.g
        elif attribute.type == _GRAPHS:
            yield from ((path, graph) for graph in attribute.graphs)


def node_label(node: OnnxNode) -> str:
    """The node's name, else its first output's, else its operator's."""
    return shown(node.name or next(filter(None, node.outputs), node.operator))
