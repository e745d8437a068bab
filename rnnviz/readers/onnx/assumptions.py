"""What a reading of an ONNX file takes that its graph does not say, or says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.core.checks import shown
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.front import Front, is_graph_input, operators_before
from rnnviz.readers.onnx.graph import node_label
from rnnviz.readers.onnx.node_weights import DYNAMIC
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.onnx.stacks import sources

_STATES = {"hidden": 5, "cell": 6}
_HALVES = ("float16", "bfloat16")


def onnx_assumptions(
    stack: tuple[RecurrentNode, ...], front: Front, n_calls: int, values: Values
) -> tuple[Assumption, ...]:
    """Everything about a stack that could change a number."""
    return tuple(_assumptions(stack, front, n_calls, values))


def _assumptions(
    stack: tuple[RecurrentNode, ...], front: Front, n_calls: int, values: Values
) -> Iterator[Assumption]:
    if front.embedding is None and front.read is None:
        yield Assumption("front", ", ".join(front.computed) or _around(stack[0]))
    if front.embedding is not None:
        tokens = front.embedding.tokens
        if not all(map(is_graph_input, sources(values, *tokens))):
            yield Assumption("computed_tokens", ", ".join(operators_before(*tokens)))
    if n_calls > 1:
        yield Assumption("onnx_calls", str(n_calls))
    yield from dict.fromkeys(_starts(stack, values))
    for node in stack:
        if node.lengths and not _is_given(node, node.lengths, values):
            yield Assumption("onnx_lengths", node.label)
    if any(node.node.operator == DYNAMIC for node in stack):
        yield Assumption("onnx_rounding")
    stored = {kind for node in stack for kind in node.stored.values()}
    if halves := stored & set(_HALVES):
        yield Assumption("onnx_halves", ", ".join(sorted(halves)))


def _starts(stack: tuple[RecurrentNode, ...], values: Values) -> Iterator[Assumption]:
    """Initial states that come at run time, from an input or from what computes them."""
    for node in stack:
        for state in node.runtime_states:
            name = node.node.input(_STATES[state])
            if _is_given(node, name, values):
                given = sorted(value.name for value in sources(values, node.scope, name))
                yield Assumption("onnx_start_given", shown(", ".join(given)))
            else:
                yield Assumption("onnx_start_computed", ", ".join(_makers(node, name)))


def _makers(node: RecurrentNode, name: str) -> tuple[str, ...]:
    return operators_before(node.scope, name) or (_around(node),)


def _is_given(node: RecurrentNode, name: str, values: Values) -> bool:
    return all(map(is_graph_input, sources(values, node.scope, name)))


def _around(node: RecurrentNode) -> str:
    """The loop or the function that it stands in."""
    return "/".join(node.scope.path) or node_label(node.node)
