"""Operators of a graph that a model read from it does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rnnviz.core.checks import shown
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.operators import MOVING, OPERATORS

_SILENT = {*MOVING, "Constant", "ConstantOfShape", "Shape"}


def count_operators(whole: Scope) -> Counter[str]:
    """Number of each operator that does more than move numbers or compute sizes."""
    sizes: set[Value] = set()
    counted: Counter[str] = Counter()
    for scope, node in whole.walk():
        if _is_about_sizes(scope, node, sizes):
            sizes |= {Value(scope, name) for name in node.outputs}
        elif node.operator not in _SILENT and not _is_call(scope, node):
            counted[node.operator] += 1
    return counted


def left_out(counted: Counter[str], used: Iterable[OnnxNode]) -> tuple[str, ...]:
    """Operators that are not used, the most frequent first, with their number."""
    rest = counted - Counter(node.operator for node in used)
    return tuple(shown(op) + (f" × {n}" if n > 1 else "") for op, n in rest.most_common())


def _is_about_sizes(scope: Scope, node: OnnxNode, sizes: set[Value]) -> bool:
    """True for a node that computes with sizes, not with the input."""
    moves = node.operator in MOVING and node.operator != "Concat"
    names = node.inputs[:1] if moves else node.inputs
    is_known = node.operator in OPERATORS and any(Value(scope, name) in sizes for name in names)
    return node.operator == "Shape" or is_known


def _is_call(scope: Scope, node: OnnxNode) -> bool:
    return any(inner.caller is not None for inner in scope.inner.get(node, ()))
