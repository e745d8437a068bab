"""Operators of a graph that a model read from it does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rnnviz.core.checks import shown
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.operators import FILLING, MEASURING, MOVING
from rnnviz.readers.onnx.recurrent import SIGNATURES

_SILENT = {*MOVING, *MEASURING, *FILLING, "Constant"}


def count_operators(whole: Scope) -> Counter[str]:
    """Number of each operator that does more than move numbers or compute with constants."""
    fixed: set[Value] = set()
    counted: Counter[str] = Counter()
    for scope, node in _inner_first(whole):
        if _is_fixed(scope, node, fixed):
            fixed |= {Value(scope, name) for name in node.outputs}
        elif node.operator not in _SILENT and not _is_call(scope, node):
            counted[node.operator] += 1
    return counted


def left_out(counted: Counter[str], used: Iterable[OnnxNode]) -> tuple[str, ...]:
    """Operators that are not used, the most frequent first, with their number."""
    rest = counted - Counter(node.operator for node in used)
    return tuple(shown(op) + (f" × {n}" if n > 1 else "") for op, n in rest.most_common())


def _inner_first(scope: Scope) -> Iterator[tuple[Scope, OnnxNode]]:
    for node in scope.nodes:
        for inner in scope.inner.get(node, ()):
            yield from _inner_first(inner)
        yield scope, node


def _is_fixed(scope: Scope, node: OnnxNode, fixed: set[Value]) -> bool:
    """True for a node that takes nothing from the graph's input but its size."""
    if node.operator in MEASURING or node.operator == "Constant":
        return True
    if node.operator in SIGNATURES or node.operator.startswith("Random") or not node.inputs:
        return False
    read = [scope.resolve(name) for name in node.inputs if name]
    read += [b.resolve(name) for b in scope.inner.get(node, ()) for name in b.outputs]
    return all(value in fixed or value.name in value.scope.tensors for value in read)


def _is_call(scope: Scope, node: OnnxNode) -> bool:
    return any(inner.caller is not None for inner in scope.inner.get(node, ()))
