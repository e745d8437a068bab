"""A cell's drawing is its equation: every traced number follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.core.activations import ACTIVATIONS, activation
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Gate
from rnnviz.core.diagram import EXTERNAL, TRACED, Diagram, Edge, Node, evaluate
from rnnviz.diagrams.symbols import formula
from tests.cells.test_contracts import layer
from tests.witnesses import BATCH, INPUT, LENGTHS, STEPS, UNIT, Array, assert_close, normal, sigmoid

DRAWN = {name: cell.diagram for name, cell in rv.CELLS.items() if cell.diagram}
every_drawing = pytest.mark.parametrize("cell", list(DRAWN))
both_directions = pytest.mark.parametrize("direction", ["forward", "backward"])
SEQUENCE = rv.Sequence(normal(STEPS, BATCH, INPUT, seed=3), lengths=LENGTHS)
FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "linear": np.positive, "exponential": np.exp}


def traced(cell: str, direction: str = "forward") -> rv.LayerTrace:
    """Random weights and random states, in float64."""
    one = replace(layer(cell), direction=direction)
    return rv.trace(rv.Model((one,)), SEQUENCE).layers[0]


def given(diagram: Diagram, trace: rv.LayerTrace) -> dict[str, Array]:
    sources = {**dict.fromkeys(TRACED, trace.signals), "before": trace.before}
    return {n.name: sources[n.kind][n.signal] for n in diagram.nodes if n.kind in sources}


def is_a_signal(node: Node) -> bool:
    """Whether a node's value is a signal of the cell, not something on the way to one."""
    return node.name == node.signal or node.kind == "after"


def test_the_taught_cells_are_drawn() -> None:
    assert set(DRAWN) >= {"rnn", "lstm", "gru", "gru_reset_after"}


@every_drawing
@both_directions
def test_the_drawing_computes_the_traced_states(cell: str, direction: str) -> None:
    diagram, trace = DRAWN[cell], traced(cell, direction)
    values = evaluate(diagram, given(diagram, trace))
    after = {node.signal for node in diagram.nodes if node.kind == "after"}
    assert after == set(rv.CELLS[cell].states)
    for node in filter(is_a_signal, diagram.nodes):
        assert_close(values[node.name], trace.signals[node.signal])


@every_drawing
def test_every_gate_box_is_the_dense_layer_of_what_the_drawing_leads_into_it(cell: str) -> None:
    """Written out from the weights, x and whatever else the wires bring."""
    diagram, trace, real = DRAWN[cell], traced(cell), SEQUENCE.is_real
    values = evaluate(diagram, given(diagram, trace)) | {"x": SEQUENCE.values}
    for gate in rv.CELLS[cell].gates:
        scale = [values[e.source] for e in diagram.incoming(gate.name) if e.scales]
        drive = 0
        for edge in diagram.incoming(gate.name):
            if not edge.scales:
                is_input = diagram.node(edge.source).kind == "input"
                product = product_of(cell, gate.name, diagram.node(edge.source), values)
                drive = drive + (product if is_input else np.prod([product, *scale], axis=0))
        if not rv.CELLS[cell].biases:
            drive = drive + layer(cell).weights[f"{gate.name}.b"]
        wanted = FUNCTIONS[gate.activation](drive) * grown(gate, trace)
        assert_close(trace.signals[gate.name][real], wanted[real])


def grown(gate: Gate, trace: rv.LayerTrace) -> Array:
    """What a stabilised gate is multiplied by: e to the stabiliser before, less that after."""
    before, after = trace.before, trace.signals
    whole = np.zeros((STEPS, BATCH, UNIT))
    for name in gate.shift:
        sign, _, state = name.partition(":")
        whole = whole + {"before": before, "minus": after}[sign][state] * (
            1 - 2 * (sign == "minus")
        )
    return np.exp(whole)


def product_of(cell: str, gate: str, source: Node, values: dict[str, Array]) -> Array:
    """What a wire brings: W x + b, W h + b_h, or through a peephole p ⊙ c."""
    weights, value = layer(cell).weights, values[source.name]
    (own,) = (one for one in rv.CELLS[cell].gates if one.name == gate)
    if source.name in own.adds:
        return value
    if source.signal == "cell":
        return value * weights[f"{gate}.p"]
    role, bias = ("x", "b") if source.kind == "input" else ("h", "bh")
    if f"{gate}.g{role}" in weights:
        return normalised(cell, gate, role, value)
    matrix = weights[f"{gate}.{role}"]
    matrix = np.diag(matrix) if matrix.ndim == 1 else matrix
    return value @ matrix.T + weights.get(f"{gate}.{bias}", 0)


def normalised(cell: str, gate: str, role: str, value: Array) -> Array:
    """LN over the products of all gates side by side, as Torch computes it."""
    weights, gates = layer(cell).weights, [g.name for g in rv.CELLS[cell].gates]

    def row(name: str) -> torch.Tensor:
        return torch.tensor(np.concatenate([weights[f"{g}.{name}{role}"] for g in gates]))

    stack = torch.tensor(np.concatenate([value @ weights[f"{g}.{role}"].T for g in gates], axis=-1))
    whole = torch.nn.functional.layer_norm(stack, stack.shape[-1:], row("g"), row("s"))
    return np.split(whole.numpy(), len(gates), axis=-1)[gates.index(gate)]


def test_a_projection_is_its_matrix_times_what_the_drawing_leads_into_it() -> None:
    diagram, trace = DRAWN["lstm_projected"], traced("lstm_projected")
    values = evaluate(diagram, given(diagram, trace))
    (source,) = diagram.inputs("hidden")
    wanted = values[source.name] @ layer("lstm_projected").weights["hidden.w"].T
    assert_close(trace.signals["hidden"], wanted)


def test_a_normalisation_is_that_of_what_the_drawing_leads_into_it() -> None:
    diagram, trace = DRAWN["lstm_layer_norm"], traced("lstm_layer_norm")
    values, weights = evaluate(diagram, given(diagram, trace)), layer("lstm_layer_norm").weights
    (source,) = diagram.inputs("normalised")
    gain, shift = (torch.tensor(weights[name]) for name in ("cell.g", "cell.s"))
    cell = torch.tensor(values[source.name])
    wanted = torch.nn.functional.layer_norm(cell, cell.shape[-1:], gain, shift)
    assert_close(trace.signals["normalised"], wanted.numpy())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_drawing_computes_with_the_layers_own_cell_activation(name: str) -> None:
    one = replace(layer("lstm"), activations={"cell_activation": name})
    trace = rv.trace(rv.Model((one,)), SEQUENCE).layers[0]
    diagram = DRAWN["lstm"]
    # Padding is NaN.
    with np.errstate(invalid="ignore"):
        values = evaluate(diagram, given(diagram, trace), activation(name, get_backend()))
    assert_close(values["hidden after"], trace.signals["hidden"])


@every_drawing
def test_every_signal_of_the_cell_is_in_its_drawing_and_no_other(cell: str) -> None:
    kind, nodes = rv.CELLS[cell], DRAWN[cell].nodes
    own = {node.signal for node in nodes if is_a_signal(node)}
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
        own = node.name == node.signal
        meaning = rv.CELLS[cell].signal(node.signal).at_one if own else ""
        assert bool(node.phrase) == bool(meaning), node.name


@every_drawing
def test_names_are_unique_and_everything_reads_what_stands_before_it(cell: str) -> None:
    diagram = DRAWN[cell]
    names = [node.name for node in diagram.nodes]
    assert len(set(names)) == len(names)
    for edge in diagram.edges:
        later = diagram.node(edge.target).kind not in EXTERNAL
        assert not later or names.index(edge.source) < names.index(edge.target)
    reading = {edge.target for edge in diagram.edges}
    given_ones = {n.name for n in diagram.nodes if n.kind in ("input", "before")}
    assert reading == set(names) - given_ones


def test_each_operation_is_what_its_name_says() -> None:
    a, b = normal(UNIT, seed=1), normal(UNIT, seed=2)
    kinds = ("times", "plus", "divide", "share", "cell_activation", "one_minus", "after")
    nodes = [Node("a", "dense", (0, 0)), Node("b", "before", (0, 0))]
    nodes += [Node(kind, kind, (0, 0)) for kind in kinds]
    edges = [Edge("a", kind) for kind in kinds] + [Edge("b", kind) for kind in kinds[:4]]
    values = evaluate(Diagram((1, 1), tuple(nodes), tuple(edges)), {"a": a, "b": b})
    exponential = np.exp(2 * a)
    wanted = [a * b, a + b, a / b, 1 / (1 + b / a), (exponential - 1) / (exponential + 1), 1 - a, a]
    for kind, value in zip(kinds, wanted, strict=True):
        assert_close(values[kind], value)


def test_the_two_grus_differ_where_reset_enters() -> None:
    into = {name: DRAWN[name].incoming("candidate") for name in ("gru", "gru_reset_after")}
    assert not any(edge.scales for edge in into["gru"])
    assert [edge.source for edge in into["gru_reset_after"] if edge.scales] == ["reset"]
    assert "hidden before" not in [edge.source for edge in into["gru"]]
    assert formula(rv.CELLS["gru"], "candidate") == "tanh(x W + (r ⊙ h) W)"
