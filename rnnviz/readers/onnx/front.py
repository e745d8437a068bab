"""What a recurrent node reads: the graph's input, rows of an embedding, or something computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.known import Unseen
from rnnviz.readers.onnx.node_weights import stored_type
from rnnviz.readers.onnx.operators import FILLING, MEASURING, MOVING
from rnnviz.readers.onnx.quantised import dequantised
from rnnviz.readers.onnx.recurrent import SIGNATURES, RecurrentNode
from rnnviz.readers.onnx.stacks import probe_sizes, sources
from rnnviz.readers.onnx.tensor import widen

_MAX_FOLLOWED, _MAX_READ = 200, 8
_MAX_NAMED = 6
_SIZES = {*MEASURING, *FILLING, "Constant"}
_COPIES = 16


@dataclass(frozen=True, eq=False)
class OnnxEmbedding:
    """An embedding (token, feature), the name of its matrix in the file, and its tokens."""

    matrix: Array
    name: str
    stored: str
    tokens: Value


@dataclass(frozen=True, eq=False)
class Front:
    """What stands in front of a node.

    read        the graph's input that it reads as it comes, in time or batch first.
    embedding   the matrix whose rows it reads.
    is_swapped  the first two axes of the input, or of the tokens, are the other way round in X.
    computed    operators that make its X of anything else, the nearest first.
    """

    read: Value | None = None
    embedding: OnnxEmbedding | None = None
    is_swapped: bool = False
    computed: tuple[str, ...] = ()


def front_of(node: RecurrentNode, values: Values) -> Front:
    """What the node reads, followed back to the graph's inputs."""
    origins = sources(values, node.scope, node.x)
    value = next(iter(origins)) if len(origins) == 1 else Value(node.scope, "")
    embedding = _embedding(value, values)
    if embedding is not None or is_graph_input(value):
        n_features = node.n_inputs if embedding is None else embedding.matrix.shape[1]
        swapped = _arrangement(node, value, n_features, values)
        if swapped is not None and embedding is not None:
            values.budget.spend(2 * embedding.matrix.nbytes)
            return Front(embedding=embedding, is_swapped=swapped)
        if swapped is not None:
            return Front(value, is_swapped=swapped)
    return Front(computed=operators_before(node.scope, node.x))


def operators_before(scope: Scope, name: str) -> tuple[str, ...]:
    """The operators that a value is made by, the nearest first, each once, no further than a layer.

    Those that only move numbers are named where there are no others.
    """
    every = dict.fromkeys(shown(node.operator) for node in _before(scope, name))
    computing = [operator for operator in every if operator not in MOVING]
    return tuple(computing or every)[:_MAX_NAMED]


def _before(scope: Scope, name: str) -> Iterator[OnnxNode]:
    waiting, seen = deque([scope.resolve(name)]), set[Value]()
    while waiting and len(seen) < _MAX_FOLLOWED:
        value = waiting.popleft()
        node, _ = value.scope.producers.get(value.name, (None, 0))
        if node is None or value in seen or node.operator in _SIZES:
            continue
        seen.add(value)
        yield node
        if node.operator in SIGNATURES:
            continue
        waiting += [value.scope.resolve(n) for n in node.inputs[:_MAX_READ] if n]


def is_graph_input(value: Value) -> bool:
    """True for an input of the whole graph that has no value in the file."""
    scope = value.scope
    is_graph = scope.parent is None and scope.caller is None
    return is_graph and value.name in scope.inputs and value.name not in scope.tensors


def _embedding(value: Value, values: Values) -> OnnxEmbedding | None:
    """The matrix that a Gather picks rows of, dequantised before or after; None for another."""
    scales: tuple[str, ...] = ()
    gather, scope = _producer(value), value.scope
    if gather is not None and gather.operator == "DequantizeLinear":
        scope, scales = value.scope.resolve(gather.input(0)).scope, gather.inputs[1:]
        gather = _producer(value.scope.resolve(gather.input(0)))
    if gather is None or gather.operator != "Gather" or len(gather.inputs) < 2:
        return None
    matrix = values.constant(scope, gather.inputs[0])
    if matrix is not None and scales:
        values.budget.spend(4 * matrix.size)
        matrix = _whole(matrix, [values.constant(value.scope, name) for name in scales if name])
    is_matrix = matrix is not None and matrix.ndim == 2 and matrix.dtype.kind == "f"
    if matrix is None or not is_matrix or gather.integer("axis"):
        return None
    return OnnxEmbedding(
        widen(matrix),
        gather.inputs[0],
        stored_type(scope, gather.inputs[0]),
        scope.resolve(gather.inputs[1]),
    )


def _producer(value: Value) -> OnnxNode | None:
    return value.scope.producers.get(value.name, (None, 0))[0]


def _whole(stored: Array, scales: list[Array | None]) -> Array | None:
    """A matrix with one scale and zero point; None for more, which go along the rows."""
    scale, zero = [*scales, None][:2]
    if scale is None or scale.size != 1 or (zero is not None and zero.size != 1):
        return None
    return dequantised(stored, scale.reshape(()), zero.reshape(()) if zero is not None else None)


def _arrangement(node: RecurrentNode, value: Value, n_features: int, values: Values) -> bool | None:
    """Whether X has the value's first two axes swapped; None unless every row is read unchanged."""
    for first, second, sizes in probe_sizes(node.scope.frame):
        if not values.affords(_COPIES * first * second * n_features):
            return None
        for shape in ((first, second), (first,), (second,)):
            size = prod(shape) * n_features
            rows = 1 + np.arange(size, dtype=np.float32).reshape(*shape, n_features)
            came = values.at_run_time(sizes, {value: Unseen(rows)}).evaluate(node.scope, node.x)
            whole = rows if rows.ndim == 3 else rows[:, None]
            for is_swapped, wanted in ((False, whole), (True, whole.swapaxes(0, 1))):
                if isinstance(came, Unseen) and np.array_equal(came.array, wanted):
                    return is_swapped
    return None
