"""Recurrent nodes that feed each other, through operators that only move numbers.

A node's output is replaced by numbers that are all different, the operators up to the next node
are computed, and what arrives there must be the hidden states, every one in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import Scope, Value
from rnnviz.readers.onnx.known import Unseen
from rnnviz.readers.onnx.operators import MOVING
from rnnviz.readers.onnx.recurrent import RecurrentNode

_SIZES = (5, 3)  # steps and rows of the numbers to follow, where the file fixes none
_MAX_NUMBERS = 1_000_000
_MAX_DECLARED = 4
_COPIES = 16  # bytes that a number takes in a probe
_MAX_JOINED = 64
_MAX_HOPS = 200


class Probe(NamedTuple):
    """Distinct numbers in place of a node's outputs, and as its hidden states.

    hidden  (time, batch, unit), both directions side by side.
    sizes   the first two axes of the graph's inputs.
    """

    outputs: dict[Value, Unseen]
    hidden: Array
    sizes: tuple[int, int]

    def run(self, values: Values) -> Values:
        """Values of the graph when the node has made these numbers."""
        return values.at_run_time(self.sizes, self.outputs)


def sources(values: Values, scope: Scope, name: str) -> set[Value]:
    """Values whose numbers a value holds, moved by operators that only move them.

    A row of a constant matrix, picked at run time, counts as a source.
    """
    found, waiting, seen = set(), [scope.resolve(name)], set()
    while waiting:
        value = waiting.pop()
        if value in seen:
            continue
        seen.add(value)
        before = _before(values, value) if len(seen) <= _MAX_HOPS else None
        if before is None:
            found.add(value)
        else:
            waiting += before
    return found


def _before(values: Values, value: Value) -> list[Value] | None:
    node, _ = value.scope.producers.get(value.name, (None, 0))
    if node is None or node.operator not in MOVING:
        return None
    if values.constant(value.scope, node.input(0)) is not None:
        return None
    names = node.inputs if node.operator == "Concat" else node.inputs[:1]
    if len(names) > _MAX_JOINED:
        return None
    return [value.scope.resolve(name) for name in names]


def probes(node: RecurrentNode, values: Values) -> Iterator[Probe]:
    """Probes of a node's outputs, in every size that the file may fix."""
    n_directions = len(node.directions)
    for n_steps, n_rows, sizes in probe_sizes(node.scope.frame):
        shape = (n_steps, n_directions, n_rows, node.n_units)
        if prod(shape) <= _MAX_NUMBERS and values.affords(_COPIES * prod(shape)):
            yield _probe(node, shape, sizes)


def probe_sizes(frame: Scope) -> list[tuple[int, int, tuple[int, int]]]:
    """Steps, rows, and the first two axes of the graph's inputs, to probe with.

    One step comes after more, which tell the last step from every one.
    """
    free = [
        (first or _SIZES[0], second or _SIZES[1])
        for first, second in ((0, 0), *frame.declared_sizes[:_MAX_DECLARED])
    ]
    runs = [run for a, b in dict.fromkeys(free) for run in ((a, b, (a, b)), (b, a, (a, b)))]
    return sorted(runs, key=lambda run: run[0] == 1)


def _probe(node: RecurrentNode, shape: tuple[int, ...], sizes: tuple[int, int]) -> Probe:
    y = 1 + np.arange(prod(shape), dtype=np.float32).reshape(shape)
    last = np.stack([y[-1 if d == "forward" else 0, i] for i, d in enumerate(node.directions)])
    hidden = y.swapaxes(1, 2).reshape(shape[0], shape[2], -1)
    if node.is_batch_first:
        y, last = y.transpose(2, 0, 1, 3), last.swapaxes(0, 1)
    outputs = {node.output(0): y, node.output(1): last}
    made = {value: Unseen(array) for value, array in outputs.items() if value.name}
    return Probe(made, hidden, sizes)


def reaches(values: Values, probe: Probe, above: RecurrentNode) -> bool:
    """True when the probe's hidden states are what the node above reads, in their places."""
    came = probe.run(values).evaluate(above.scope, above.x)
    wanted = probe.hidden.swapaxes(0, 1) if above.is_batch_first else probe.hidden
    return isinstance(came, Unseen) and np.array_equal(came.array, wanted)


def onnx_stacks(
    nodes: tuple[RecurrentNode, ...], values: Values
) -> list[tuple[RecurrentNode, ...]]:
    """Stacks of nodes that feed each other, bottom first."""
    made = {node.output(0): node for node in nodes if node.output(0).name}
    below = {node: _below(node, made, values) for node in nodes}
    read = [under for under in below.values() if under is not None]
    # Two that read the same one are two networks on top of it, not a stack.
    forks = {under for under in read if read.count(under) > 1}
    below = {node: None if under in forks else under for node, under in below.items()}
    tops = [node for node in nodes if node not in below.values()]
    return [tuple(reversed(list(_down(top, below)))) for top in tops]


def _below(
    node: RecurrentNode, made: dict[Value, RecurrentNode], values: Values
) -> RecurrentNode | None:
    came = sources(values, node.scope, node.x)
    under = made.get(next(iter(came))) if len(came) == 1 else None
    if under is None or under is node or under.scope.frame is not node.scope.frame:
        return None
    return under if any(reaches(values, probe, node) for probe in probes(under, values)) else None


def _down(
    top: RecurrentNode, below: dict[RecurrentNode, RecurrentNode | None]
) -> Iterator[RecurrentNode]:
    node: RecurrentNode | None = top
    while node is not None:
        yield node
        node = below[node]
