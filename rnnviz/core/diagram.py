"""A cell's drawing as a graph of its values, with their places on the page.

The drawing is the cell's elementwise equation: `evaluate` computes every intermediate value from
it, and a test holds the result against the traced states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array

NodeKind = Literal[
    "input",
    "before",
    "after",
    "dense",
    "project",
    "normalise",
    "max",
    "times",
    "plus",
    "cell_activation",
    "one_minus",
    "divide",
    "share",
]
Align = Literal["start", "middle", "end"]
Point = tuple[float, float]

# What takes all units at once is traced: the drawing may show only some of them. So is what
# takes a drive.
TRACED: frozenset[NodeKind] = frozenset({"dense", "project", "normalise", "max"})
EXTERNAL: frozenset[NodeKind] = TRACED | {"input", "before"}


@dataclass(frozen=True)
class Anchor:
    """Place of a text: its upper corner or upper middle (column, row)."""

    at: Point
    align: Align = "start"


@dataclass(frozen=True)
class Node:
    """One value of a cell.

    name     unique in its diagram.
    kind     "input" x_t; "before" and "after", a state at its step's two ends; "dense", a Dense
             layer, "project", a product with a matrix, and "normalise", a layer normalisation,
             whose values are traced; "times", "plus", "cell_activation" (the layer's activation
             of the cell state), "one_minus", "divide" and "share" (the first's part of the sum of
             two) of what leads in. "max", the larger of a state and of Dense layers' drives, is
             traced too: only their values are known.
    at       its middle (column, row), 10 pixels each in a picture of natural size.
    signal   the signal whose colour and colour scale it has: its own, or the one it becomes part
             of ("cell" for `f ⊙ c`). "" for the input. One that is named like its signal is it.
    note     where its number and its strip stand; a Dense layer has both inside.
    phrase   where a gate's meaning stands: "keeps 93 % of c".
    width    of a Dense layer's box.
    """

    name: str
    kind: NodeKind
    at: Point
    signal: str = ""
    note: Anchor | None = None
    phrase: Anchor | None = None
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

    def incoming(self, name: str) -> tuple[Edge, ...]:
        """The wires that lead to a node."""
        return tuple(edge for edge in self.edges if edge.target == name)

    def inputs(self, name: str) -> tuple[Node, ...]:
        """The nodes that a node reads."""
        return tuple(self.node(edge.source) for edge in self.incoming(name))

    def signal_at(self, node: Node) -> str:
        """The signal whose value a node has, "" for a value on the way to one."""
        if node.name == node.signal:
            return node.signal
        ends = (self.node(edge.target) for edge in self.edges if edge.source == node.name)
        return next((end.signal for end in ends if end.kind == "after"), "")


@dataclass(frozen=True)
class Summand:
    """One product in the sum that makes a signal.

    role     "kept" of the same state before, "written" beside that, "shown" alone.
    factors  signals of this step, or one operation on one of them: "before:cell" is the state
             before the step, "one_minus:update", "one_over:normaliser",
             "cell_activation:cell" through the layer's activation of the cell state.
    """

    role: Literal["kept", "written", "shown"]
    factors: tuple[str, ...]


def summands(diagram: Diagram, signal: str) -> tuple[Summand, ...]:
    """Products whose sum is a signal, read from its drawing; empty for other signals.

    >>> from rnnviz.cells import CELLS
    >>> summands(CELLS["lstm"].diagram, "hidden")
    (Summand(role='shown', factors=('output', 'cell_activation:cell')),)
    """
    node = next(node for node in diagram.nodes if diagram.signal_at(node) == signal)
    if node.kind == "plus":
        products = [tuple(_factors(diagram, term)) for term in diagram.inputs(node.name)]
    else:
        products = [tuple(_product(diagram, node))]
    if not all(map(all, products)) or not all(products):
        return ()
    return tuple(
        Summand(_role(signal, factors, is_alone=len(products) == 1), factors)
        for factors in products
    )


def _role(
    signal: str, factors: tuple[str, ...], *, is_alone: bool
) -> Literal["kept", "written", "shown"]:
    if f"before:{signal}" in factors:
        return "kept"
    return "shown" if is_alone else "written"


def _factors(diagram: Diagram, node: Node) -> Iterator[str]:
    """Factors of a node's value, the signal itself if it is one; "" for what is no product."""
    if node.kind == "before":
        yield f"before:{node.signal}"
    # The rest of a Dense layer's gate is told as 1 − it, also where the rest has a name (CIFG).
    elif (name := diagram.signal_at(node)) and not _is_rest_of_gate(diagram, node):
        yield name
    else:
        yield from _product(diagram, node)


def _product(diagram: Diagram, node: Node) -> Iterator[str]:
    inputs = diagram.inputs(node.name)
    if node.kind == "times":
        for factor in inputs:
            yield from _factors(diagram, factor)
    elif node.kind == "divide":
        yield from _factors(diagram, inputs[0])
        yield _applied("one_over", diagram.signal_at(inputs[1]))
    elif node.kind in ("one_minus", "cell_activation"):
        yield _applied(node.kind, diagram.signal_at(inputs[0]))
    else:
        yield ""


def _applied(operation: str, signal: str) -> str:
    return signal and f"{operation}:{signal}"


def _is_rest_of_gate(diagram: Diagram, node: Node) -> bool:
    return node.kind == "one_minus" and diagram.inputs(node.name)[0].kind == "dense"


def gate_wires(
    source: str, columns: Mapping[str, float], row: float, *corners: Point
) -> tuple[Edge, ...]:
    """Wires from one node along a row below the gates and up into each at its column.

    >>> gate_wires("x", {"update": 9}, 22.9, (19, 22.9))
    (Edge(source='x', target='update', via=((19, 22.9), (9, 22.9)), scales=False),)
    """
    return tuple(Edge(source, gate, (*corners, (column, row))) for gate, column in columns.items())


_OPERATIONS: Mapping[NodeKind, Callable[..., Any]] = {
    "after": lambda value: value,
    "times": lambda one, other: one * other,
    "plus": lambda one, other: one + other,
    "one_minus": lambda value: 1 - value,
    "divide": lambda one, other: one / other,
    "share": lambda one, other: one / (one + other),
}


def evaluate(
    diagram: Diagram, given: Mapping[str, Array], cell_activation: Callable[[Any], Any] = np.tanh
) -> dict[str, Array]:
    """Values of all nodes but the input, from the traced ones and the states before.

    given            arrays of one shape by node name, a projection's as wide as it is.
    cell_activation  the layer's activation on the cell state.

    >>> gate = Node("update", "dense", (0, 0), "update")
    >>> rest = Node("rest", "one_minus", (9, 0), "update")
    >>> diagram = Diagram((18, 9), (gate, rest), (Edge("update", "rest"),))
    >>> evaluate(diagram, {"update": np.array([0.25])})["rest"]
    array([0.75])
    """
    values, operations = dict(given), {**_OPERATIONS, "cell_activation": cell_activation}
    for node in diagram.nodes:
        if node.kind not in EXTERNAL:
            inputs = [values[source.name] for source in diagram.inputs(node.name)]
            values[node.name] = operations[node.kind](*inputs)
    return values
