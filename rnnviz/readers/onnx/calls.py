"""Calls of one layer, each on from the states that the last left: one layer, read once.

So exporters write a layer that is called in a loop, a step or a chunk at a time.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import Value
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.onnx.stacks import sources

_FIRST_STATE = 5


class LayerCalls:
    """The first calls of layers, and how often each is called on from there.

    first   nodes that go on from no other call.
    counts  calls by the first node, itself included.
    """

    def __init__(self, nodes: tuple[RecurrentNode, ...], values: Values) -> None:
        self._digests: dict[tuple[object, ...], bytes] = {}
        self._first = dict(zip(nodes, nodes, strict=True))
        keys = {node: self._key(node) for node in nodes}
        left = {node.output(1): node for node in nodes if node.output(1).name}
        for node in nodes:
            name = node.node.input(_FIRST_STATE)
            came = (
                sources(values, node.scope, name) if name and node.runtime_states else set[Value]()
            )
            before = left.get(next(iter(came))) if len(came) == 1 else None
            if before is not None and before is not node and keys[before] == keys[node]:
                self._first[node] = self._first[before]
        self.first = tuple(node for node in nodes if self._first[node] is node)
        self.counts = Counter(self._first.values())

    def all_of(self, first: RecurrentNode) -> list[RecurrentNode]:
        """Every call of a layer."""
        return [node for node, known in self._first.items() if known is first]

    def _key(self, node: RecurrentNode) -> tuple[object, ...]:
        weights = tuple((key, self._digest(array)) for key, array in node.weights.items())
        return node.operator, node.directions, node.activations, node.clip, weights

    def _digest(self, array: Array) -> bytes:
        place = (array.__array_interface__["data"][0], array.shape, array.strides)
        if place not in self._digests:
            data = np.ascontiguousarray(array)
            self._digests[place] = blake2b(data.view(np.uint8).data, digest_size=16).digest()
        return self._digests[place]
