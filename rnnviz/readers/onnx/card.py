"""The card of a stack: what it is, where each fact came from, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rnnviz.core.checks import shown
from rnnviz.network.model import Model
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.layers import GATES
from rnnviz.readers.onnx.operators import MOVING, OPERATORS
from rnnviz.readers.onnx.readout import Reading
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.result import ReportRow

_MAX_NAMED = 12
_LETTERS = {"input": "i", "output": "o", "forget": "f", "update": "z", "reset": "r"}
_SILENT = {*MOVING, "Constant", "ConstantOfShape", "Shape"}


def card(
    stack: tuple[RecurrentNode, ...],
    model: Model,
    reading: Reading | None,
    left_out: tuple[str, ...],
) -> tuple[ReportRow, ...]:
    """The facts of a stack, in the order they are read."""
    bottom = stack[0]
    facts = [
        ReportRow(
            "cell", ", ".join(dict.fromkeys(layer.cell_name for layer in model.layers)), "file"
        ),
        ReportRow("layers", str(len(stack)), "file"),
        ReportRow(
            "sizes", " → ".join(map(str, [bottom.n_inputs, *map(_n_units, stack)])), "shapes"
        ),
        ReportRow(
            "directions", ", ".join(dict.fromkeys(y.direction for y in model.layers)), "file"
        ),
        *_orders(stack),
        ReportRow("biases", "b, bh" if "B" in bottom.weights else "–", "file"),
        *_activations(model),
        *_states(stack),
        ReportRow("numbers", ", ".join(sorted({str(n.weights["W"].dtype) for n in stack})), "file"),
    ]
    if model.embedding is not None:
        facts.append(ReportRow("embedding", " × ".join(map(str, model.embedding.shape)), "file"))
    if reading is not None:
        facts.append(ReportRow("readout", _readout(reading), "file"))
    if left_out:
        facts.append(ReportRow("left_out", ", ".join(left_out), "file"))
    return tuple(facts)


def unlike(whole: Scope) -> Counter[str]:
    """How often the graph has each operator that does more than move numbers or ask for sizes."""
    sizes: set[Value] = set()
    counted: Counter[str] = Counter()
    for scope, node in whole.every():
        if _is_about_sizes(scope, node, sizes):
            sizes |= {Value(scope, name) for name in node.outputs}
        elif node.operator not in _SILENT and not _is_call(scope, node):
            counted[node.operator] += 1
    return counted


def left_out(counted: Counter[str], used: Iterable[OnnxNode]) -> tuple[str, ...]:
    """The operators that the model does not have, how often each."""
    rest = counted - Counter(node.operator for node in used)
    named = [shown(op) + (f" × {n}" if n > 1 else "") for op, n in rest.most_common(_MAX_NAMED)]
    return (*named, "…") if len(rest) > _MAX_NAMED else tuple(named)


def _is_about_sizes(scope: Scope, node: OnnxNode, sizes: set[Value]) -> bool:
    """Whether it reckons with sizes, not with what is read."""
    moves = node.operator in MOVING and node.operator != "Concat"
    names = node.inputs[:1] if moves else node.inputs
    is_known = node.operator in OPERATORS and any(Value(scope, name) in sizes for name in names)
    return node.operator == "Shape" or is_known


def _is_call(scope: Scope, node: OnnxNode) -> bool:
    return any(inner.caller is not None for inner in scope.inner.get(node, ()))


def _n_units(node: RecurrentNode) -> int:
    return node.n_units * len(node.directions)


def _orders(stack: tuple[RecurrentNode, ...]) -> Iterator[ReportRow]:
    for operator in dict.fromkeys(node.node.operator for node in stack):
        candidate = "c" if operator == "LSTM" else "h"
        order = ", ".join(_LETTERS.get(gate, candidate) for gate in GATES[operator])
        if operator != "RNN":
            yield ReportRow("gate_order", order, "framework")


def _activations(model: Model) -> Iterator[ReportRow]:
    chosen = {
        f"{gate} {name}": None for layer in model.layers for gate, name in layer.activations.items()
    }
    clips = {f"clip {layer.clip:g}": None for layer in model.layers if layer.clip is not None}
    if chosen or clips:
        yield ReportRow("activations", ", ".join({**chosen, **clips}), "file")


def _states(stack: tuple[RecurrentNode, ...]) -> Iterator[ReportRow]:
    if any(node.missing for node in stack):
        yield ReportRow("initial_states", "0", "default")
    elif any(array.any() for node in stack for array in node.initial.values()):
        said = {name: None for node in stack for name, a in node.initial.items() if a.any()}
        yield ReportRow("initial_states", ", ".join(said), "file")
    else:
        yield ReportRow("initial_states", "0", "file")
    if any(node.lengths for node in stack):
        yield ReportRow("lengths", shown(next(n.lengths for n in stack if n.lengths)), "file")


def _readout(reading: Reading) -> str:
    squash = [node.operator for node in reading.nodes[1:] if "oftmax" in node.operator]
    n_outputs, n_units = reading.readout.weights.shape
    said = f"{n_units} → {n_outputs} {squash[0] if squash else reading.readout.activation}"
    return f"{said}, t = T" if reading.is_last_only else said
