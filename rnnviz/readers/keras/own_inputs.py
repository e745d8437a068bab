"""What the inputs of a whole Keras model take: numbers, or tokens of the embedding on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.stacks import is_pass_through


@dataclass(frozen=True)
class OwnInput:
    """An input of the model.

    name      its layer's.
    n_tokens  how many tokens the embedding on it has, 0 for an input of numbers.
    first     the least token: 1 where 0 is skipped.
    """

    name: str
    n_tokens: int = 0
    first: int = 0


def own_inputs(nodes: KerasNodes, n_tokens: int) -> tuple[OwnInput, ...]:
    """The outermost model's inputs in order; that of a Sequential without an input layer is "".

    n_tokens  rows of the embedding that is used, which may be fewer than the layer has.
    """
    named = [node for node in nodes.values() if node.kind == "InputLayer" and _is_outermost(node)]
    paths = [node.path for node in named] or [""]
    readers = {path: list(_readers(path, nodes)) for path in paths}
    return tuple(_input(path, readers[path], nodes, n_tokens) for path in paths)


def _is_outermost(node: KerasNode) -> bool:
    return node.store.count("/") == 1


def _readers(path: str, nodes: KerasNodes) -> Iterable[KerasNode]:
    """The layers that read an input, those left out whose output is their input."""
    for node in nodes.values():
        if node.kind != "InputLayer" and not is_pass_through(node) and _source(node, nodes) == path:
            yield node


def _source(node: KerasNode, nodes: KerasNodes) -> str | None:
    """Path of the input that a layer reads, "" without a name; None for another layer's output."""
    for _ in range(len(nodes)):
        below = nodes.get(node.inputs[0][0]) if node.inputs else None
        if below is None:
            return None if node.inputs or node.wrapper else ""
        if below.kind == "InputLayer":
            return below.path
        if not is_pass_through(below):
            return None
        node = below
    return None


def _input(path: str, readers: list[KerasNode], nodes: KerasNodes, n_tokens: int) -> OwnInput:
    tables = [node for node in readers if node.kind == "Embedding"]
    if all(node.kind in ("Embedding", "TimeDistributed") for node in readers):
        # One in a TimeDistributed, or called more than once, may read this input too.
        tables += [
            n for n in nodes.values() if n.kind == "Embedding" and (n.wrapper or n.is_shared)
        ]
    if not tables:
        return OwnInput(path)
    sizes = [size for node in tables if isinstance(size := node.config.get("input_dim"), int)]
    skips = any(node.config.get("mask_zero") for node in tables)
    return OwnInput(path, min([*sizes, *([n_tokens] if n_tokens else [])]), int(skips))
