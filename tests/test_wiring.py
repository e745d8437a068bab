"""A cell's drawing is its equation: every traced number follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.views.diagram import formula
from rnnviz.wiring import GIVEN, Diagram, Edge, Node, evaluate
from tests.test_contracts import layer
from tests.witnesses import BATCH, INPUT, LENGTHS, STEPS, UNIT, Array, assert_close, normal, sigmoid

DRAWN = {name: cell.diagram for name, cell in rv.CELLS.items() if cell.diagram}
every_drawing = pytest.mark.parametrize("cell", list(DRAWN))
both_directions = pytest.mark.parametrize("direction", ["forward", "backward"])
SEQUENCE = rv.Sequence(normal(STEPS, BATCH, INPUT, seed=3), lengths=LENGTHS)
FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh}


def traced(cell: str, direction: str = "forward") -> rv.LayerTrace:
    """Random weights and random states, in float64."""
    one = replace(layer(cell), direction=direction)
    return rv.trace(rv.Model((one,)), SEQUENCE).layers[0]


def given(diagram: Diagram, trace: rv.LayerTrace) -> dict[str, Array]:
    sources = {"dense": trace.signals, "before": trace.before}
    return {n.name: sources[n.kind][n.signal] for n in diagram.nodes if n.kind in sources}


def test_the_taught_cells_are_drawn() -> None:
    assert set(DRAWN) >= {"rnn", "lstm", "gru", "gru_reset_after"}


@every_drawing
@both_directions
def test_the_drawing_computes_the_traced_states(cell: str, direction: str) -> None:
    diagram, trace = DRAWN[cell], traced(cell, direction)
    values = evaluate(diagram, given(diagram, trace))
    after = [node for node in diagram.nodes if node.kind == "after"]
    assert {node.signal for node in after} == set(rv.CELLS[cell].states)
    for node in after:
        assert_close(values[node.name], trace.signals[node.signal])


@every_drawing
def test_every_gate_box_is_the_dense_layer_of_what_the_drawing_leads_into_it(cell: str) -> None:
    """Written out from the weights, x and whatever else the wires bring."""
    diagram, trace = DRAWN[cell], traced(cell)
    weights = layer(cell).weights
    values = evaluate(diagram, given(diagram, trace)) | {"x": SEQUENCE.values}
    for gate in rv.CELLS[cell].gates:
        scale = [values[e.source] for e in diagram.into(gate.name) if e.scales]
        drive = 0
        for edge in diagram.into(gate.name):
            if not edge.scales:
                is_input = diagram.node(edge.source).kind == "input"
                matrix, bias = ("x", "b") if is_input else ("h", "bh")
                product = values[edge.source] @ weights[f"{gate.name}.{matrix}"].T
                product = product + weights.get(f"{gate.name}.{bias}", 0)
                drive = drive + (product if is_input else np.prod([product, *scale], axis=0))
        real = SEQUENCE.is_real
        wanted = FUNCTIONS[gate.activation](drive)
        assert_close(trace.signals[gate.name][real], wanted[real])


@every_drawing
def test_every_signal_of_the_cell_is_in_its_drawing_and_no_other(cell: str) -> None:
    kind, nodes = rv.CELLS[cell], DRAWN[cell].nodes
    own = {node.signal for node in nodes if node.kind in ("dense", "after")}
    assert own == {signal.name for signal in kind.signals}
    assert {node.name for node in nodes if node.kind == "dense"} == {g.name for g in kind.gates}
    assert {node.signal for node in nodes if node.kind == "before"} == set(kind.states)
    assert {node.signal for node in nodes if node.kind == "input"} == {""}
    assert {node.signal for node in nodes} <= own | {""}


@every_drawing
def test_every_value_is_read_somewhere(cell: str) -> None:
    """On the node itself, or on the one that goes out with it."""
    diagram = DRAWN[cell]
    out = {e.source for e in diagram.edges if diagram.node(e.target).kind == "after"}
    for node in diagram.nodes:
        assert node.kind in ("input", "dense") or node.note or node.name in out, node.name


@every_drawing
def test_every_gate_with_a_meaning_says_it(cell: str) -> None:
    for node in DRAWN[cell].nodes:
        meaning = rv.CELLS[cell].signal(node.signal).at_one if node.kind == "dense" else ""
        assert bool(node.phrase) == bool(meaning), node.name


@every_drawing
def test_names_are_unique_and_everything_reads_what_stands_before_it(cell: str) -> None:
    diagram = DRAWN[cell]
    names = [node.name for node in diagram.nodes]
    assert len(set(names)) == len(names)
    for edge in diagram.edges:
        later = diagram.node(edge.target).kind not in GIVEN
        assert not later or names.index(edge.source) < names.index(edge.target)
    reading = {edge.target for edge in diagram.edges}
    given_ones = {n.name for n in diagram.nodes if n.kind in ("input", "before")}
    assert reading == set(names) - given_ones


def test_each_operation_is_what_its_name_says() -> None:
    a, b = normal(UNIT, seed=1), normal(UNIT, seed=2)
    kinds = ("times", "plus", "tanh", "one_minus", "after")
    nodes = [Node("a", "dense", (0, 0)), Node("b", "before", (0, 0))]
    nodes += [Node(kind, kind, (0, 0)) for kind in kinds]
    edges = [Edge("a", kind) for kind in kinds] + [Edge("b", kind) for kind in kinds[:2]]
    values = evaluate(Diagram((1, 1), tuple(nodes), tuple(edges)), {"a": a, "b": b})
    exponential = np.exp(2 * a)
    wanted = [a * b, a + b, (exponential - 1) / (exponential + 1), 1 - a, a]
    for kind, value in zip(kinds, wanted, strict=True):
        assert_close(values[kind], value)


def test_the_two_grus_differ_where_reset_enters() -> None:
    into = {name: DRAWN[name].into("candidate") for name in ("gru", "gru_reset_after")}
    assert not any(edge.scales for edge in into["gru"])
    assert [edge.source for edge in into["gru_reset_after"] if edge.scales] == ["reset"]
    assert "hidden before" not in [edge.source for edge in into["gru"]]
    assert formula(rv.CELLS["gru"], "candidate") == "tanh(x W + (r ⊙ h) W)"
