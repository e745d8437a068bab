"""Layers that a file's model has before its recurrent ones or its embedding."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rnnviz.core.checks import shown
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.keras.directions import is_recurrent
from rnnviz.readers.keras.embedding_readout import KerasNeighbour
from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.stacks import KerasStack, is_pass_through
from rnnviz.readers.keras.weights_only import LikelyLayers

_MAX_NAMED = 6


def front_assumptions(
    stack: KerasStack, nodes: KerasNodes, embedding: KerasNeighbour, likely: LikelyLayers | None
) -> Iterator[Assumption]:
    """Assumption that the model here is given what other layers of the file make of its inputs.

    likely  the layers of a file of weights alone.
    """
    listed = likely.front.get(stack.layers[0].path, ()) if likely is not None else ()
    made = (*_in_front(stack, nodes, embedding), *listed)
    if made:
        name = "computed_tokens" if embedding.layers else "front"
        yield Assumption(
            name, ", ".join([shown(each) for each in dict.fromkeys(made)][:_MAX_NAMED])
        )


def _in_front(stack: KerasStack, nodes: KerasNodes, embedding: KerasNeighbour) -> tuple[str, ...]:
    """Of a layer that is called more than once a stack is the first call."""
    lowest = embedding.layers[-1] if embedding.layers else replace(stack.layers[0], later=())
    return tuple(_makers(_read(lowest, nodes), nodes))


def _makers(read: Iterable[KerasNode], nodes: KerasNodes) -> Iterator[str]:
    """Classes of all layers below whose output is not their input, the nearest first.

    What lies below a recurrent layer is left out.
    """
    waiting, seen = deque(read), set[str]()
    while waiting:
        node = waiting.popleft()
        if node.path in seen or node.kind == "InputLayer":
            continue
        seen.add(node.path)
        if not is_pass_through(node):
            yield node.kind
        if not is_recurrent(node):
            waiting += _read(node, nodes)


def _read(node: KerasNode, nodes: KerasNodes) -> Iterator[KerasNode]:
    """The layers that it reads at all its calls, in a TimeDistributed those that this reads."""
    for path in (*(path for path, _ in node.inputs), *node.later):
        if path in nodes:
            yield nodes[path]
        elif node.wrapper:
            yield from _read(nodes[node.wrapper], nodes)
