"""A cell's drawing as data: which value flows where, and where on the page it stands.

The drawing is the cell's elementwise equation: `evaluate` computes every intermediate value from
it, and a test holds the result against the traced states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array

Kind = Literal[
    "input",
    "before",
    "after",
    "dense",
    "project",
    "normalise",
    "max",
    "times",
    "plus",
    "squash",
    "one_minus",
    "divide",
    "share",
]
Align = Literal["start", "middle", "end"]
Point = tuple[float, float]

# What takes all units at once is traced: the drawing may show only some of them. So is what
# takes a drive.
TRACED: frozenset[Kind] = frozenset({"dense", "project", "normalise", "max"})
GIVEN: frozenset[Kind] = TRACED | {"input", "before"}


@dataclass(frozen=True)
class Spot:
    """Where words stand: their upper corner or upper middle (column, row)."""

    at: Point
    align: Align = "start"


@dataclass(frozen=True)
class Node:
    """One value of a cell.

    name     unique in its diagram.
    kind     "input" x_t; "before" and "after", a state at its step's two ends; "dense", a Dense
             layer, "project", a product with a matrix, and "normalise", a layer normalisation,
             whose values are traced; "times", "plus", "squash" (the layer's activation on the
             cell state), "one_minus", "divide" and "share" (the first's part of the sum of two)
             of what leads in. "max", the larger of a state and of Dense layers' drives, is
             traced too: only their values are known.
    at       its middle (column, row), 10 pixels each in a picture of natural size.
    signal   the signal whose colour and colour scale it has: its own, or the one it becomes part
             of ("cell" for `f ⊙ c`). "" for the input. One that is named like its signal is it.
    note     where its number and its strip stand; a Dense layer has both inside.
    phrase   where a gate's meaning stands: "keeps 93 % of c".
    width    of a Dense layer's box.
    """

    name: str
    kind: Kind
    at: Point
    signal: str = ""
    note: Spot | None = None
    phrase: Spot | None = None
    width: float = 0


@dataclass(frozen=True)
class Edge:
    """A wire from a node to a node that reads its value, with corners at the points of `via`.

    One that leads from a cell state to a Dense layer is a peephole.

    scales   it multiplies a product inside the Dense layer it leads to, as the GRU's reset after.
    """

    source: str
    target: str
    via: tuple[Point, ...] = ()
    scales: bool = False


@dataclass(frozen=True)
class Diagram:
    """A cell's drawing.

    size    (columns, rows).
    nodes   each after those it reads.
    edges   the wires; of those that lead to one node, in the order of its formula.
    """

    size: Point
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def node(self, name: str) -> Node:
        """A node by its name; KeyError when there is none such."""
        return {node.name: node for node in self.nodes}[name]

    def into(self, name: str) -> tuple[Edge, ...]:
        """The wires that lead to a node."""
        return tuple(edge for edge in self.edges if edge.target == name)

    def inputs(self, name: str) -> tuple[Node, ...]:
        """The nodes that a node reads."""
        return tuple(self.node(edge.source) for edge in self.into(name))


_OPERATIONS: Mapping[Kind, Callable[..., Any]] = {
    "after": lambda value: value,
    "times": lambda one, other: one * other,
    "plus": lambda one, other: one + other,
    "one_minus": lambda value: 1 - value,
    "divide": lambda one, other: one / other,
    "share": lambda one, other: one / (one + other),
}


def evaluate(
    diagram: Diagram, given: Mapping[str, Array], squash: Callable[[Any], Any] = np.tanh
) -> dict[str, Array]:
    """The value of every node but the input, from those that are traced and the states before.

    given   arrays of one shape by node name, a projection's as wide as it is.
    squash  the layer's activation on the cell state.

    >>> gate = Node("update", "dense", (0, 0), "update")
    >>> rest = Node("rest", "one_minus", (9, 0), "update")
    >>> diagram = Diagram((18, 9), (gate, rest), (Edge("update", "rest"),))
    >>> evaluate(diagram, {"update": np.array([0.25])})["rest"]
    array([0.75])
    """
    values, operations = dict(given), {**_OPERATIONS, "squash": squash}
    for node in diagram.nodes:
        if node.kind not in GIVEN:
            inputs = [values[source.name] for source in diagram.inputs(node.name)]
            values[node.name] = operations[node.kind](*inputs)
    return values
