"""A cell's drawing as data: which value flows where, and where on the page it stands.

The drawing is the cell's elementwise equation: `evaluate` computes every intermediate value from
it, and a test holds the result against the traced states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rnnviz.frozen import Array

Kind = Literal["input", "before", "after", "dense", "times", "plus", "tanh", "one_minus"]
Align = Literal["start", "middle", "end"]
Point = tuple[float, float]

GIVEN: frozenset[Kind] = frozenset({"input", "before", "dense"})


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
             layer, whose value is traced; "times", "plus", "tanh", "one_minus" of what leads in.
    at       its middle (column, row), 10 pixels each in a picture of natural size.
    signal   the signal whose colour and colour scale it has: its own, or the one it becomes part
             of ("cell" for `f ⊙ c`). "" for the input.
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
    "tanh": np.tanh,
    "one_minus": lambda value: 1 - value,
}


def evaluate(diagram: Diagram, given: Mapping[str, Array]) -> dict[str, Array]:
    """The value of every node but the input, from those of the Dense layers and the states before.

    given   arrays of one shape by node name.

    >>> gate = Node("update", "dense", (0, 0), "update")
    >>> rest = Node("rest", "one_minus", (9, 0), "update")
    >>> diagram = Diagram((18, 9), (gate, rest), (Edge("update", "rest"),))
    >>> evaluate(diagram, {"update": np.array([0.25])})["rest"]
    array([0.75])
    """
    values = dict(given)
    for node in diagram.nodes:
        if node.kind not in GIVEN:
            inputs = [values[source.name] for source in diagram.inputs(node.name)]
            values[node.name] = _OPERATIONS[node.kind](*inputs)
    return values
