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
from rnnviz.readers.onnx.node_weights import stored_type
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.onnx.stacks import probe_sizes, sources
from rnnviz.readers.onnx.tensor import widen

_MAX_FOLLOWED, _MAX_READ = 200, 8
_MAX_NAMED = 6
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

    read       the graph's input that it reads as it comes, in time or batch first.
    embedding  the matrix whose rows it reads.
    computed   operators that make its X of anything else, the nearest first.
    """

    read: Value | None = None
    embedding: OnnxEmbedding | None = None
    computed: tuple[str, ...] = ()


def front_of(node: RecurrentNode, values: Values) -> Front:
    """What the node reads, followed back to the graph's inputs."""
    origins = sources(values, node.scope, node.x)
    value = next(iter(origins)) if len(origins) == 1 else Value(node.scope, "")
    if (embedding := _embedding(node, value, values)) is not None:
        return Front(embedding=embedding)
    if _is_input(value) and _is_direct(node, value, node.n_inputs, values):
        return Front(read=value)
    return Front(computed=operators_before(node.scope, node.x))


def operators_before(scope: Scope, name: str) -> tuple[str, ...]:
    """The operators that a value is made by, the nearest first, each once."""
    return tuple(dict.fromkeys(shown(node.operator) for node in _before(scope, name)))[:_MAX_NAMED]


def _before(scope: Scope, name: str) -> Iterator[OnnxNode]:
    waiting, seen = deque([scope.resolve(name)]), set[Value]()
    while waiting and len(seen) < _MAX_FOLLOWED:
        value = waiting.popleft()
        node, _ = value.scope.producers.get(value.name, (None, 0))
        if node is None or value in seen or node.operator in ("Shape", "Constant"):
            continue
        seen.add(value)
        yield node
        waiting += [value.scope.resolve(n) for n in node.inputs[:_MAX_READ] if n]


def _is_input(value: Value) -> bool:
    scope = value.scope
    is_graph = scope.parent is None and scope.caller is None
    return is_graph and value.name in scope.inputs and value.name not in scope.tensors


def _embedding(node: RecurrentNode, value: Value, values: Values) -> OnnxEmbedding | None:
    """The matrix that a Gather below picks rows of, None where something else comes before."""
    gather, _ = value.scope.producers.get(value.name, (None, 0))
    if gather is None or gather.operator != "Gather" or len(gather.inputs) < 2:
        return None
    matrix = values.constant(value.scope, gather.inputs[0])
    is_matrix = matrix is not None and matrix.ndim == 2 and matrix.dtype.kind == "f"
    if matrix is None or not is_matrix or gather.integer("axis"):
        return None
    if not _is_direct(node, value, matrix.shape[1], values):
        return None
    values.budget.spend(2 * matrix.nbytes)
    return OnnxEmbedding(
        widen(matrix),
        gather.inputs[0],
        stored_type(value.scope, gather.inputs[0]),
        value.scope.resolve(gather.inputs[1]),
    )


def _is_direct(node: RecurrentNode, value: Value, n_features: int, values: Values) -> bool:
    """True when every row of the value is read unchanged, in its place in time and batch."""
    for first, second, sizes in probe_sizes(node.scope.frame):
        if not values.affords(_COPIES * first * second * n_features):
            return False
        for shape in ((first, second), (first,), (second,)):
            size = prod(shape) * n_features
            rows = 1 + np.arange(size, dtype=np.float32).reshape(*shape, n_features)
            array = values.at_run_time(sizes, {value: rows}).evaluate(node.scope, node.x)
            if isinstance(array, np.ndarray) and _is_same(array, rows):
                return True
    return False


def _is_same(array: Array, rows: Array) -> bool:
    """True when every row is there unchanged, tokens along the first or the second axis."""
    whole = rows if rows.ndim == 3 else rows[:, None]
    return any(np.array_equal(array, wanted) for wanted in (whole, whole.swapaxes(0, 1)))
