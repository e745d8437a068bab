"""A stack with its surroundings ▶ Found: the model, its card and its questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout
from rnnviz.readers.embedding_readout import Choice, Table, choose_embedding, choose_readout
from rnnviz.readers.keras.names import GATES as KERAS_GATES
from rnnviz.readers.recurrent import RecurrentModule, Stack
from rnnviz.readers.result import Answers, ImportQuestion, ImportResult, Origin, ReportRow
from rnnviz.readers.tensors import count_nonfinite, finite_floats
from rnnviz.readers.torch.names import GATES as TORCH_GATES
from rnnviz.readers.torch.reference import torch_reference

_SHOWN = 12


@dataclass(frozen=True)
class Choices:
    """What was chosen for a stack, by the arrays, by an answer or because it is likely."""

    cell: str
    activation: str
    readout_activation: str
    embedding: Choice
    readout: Choice
    questions: tuple[ImportQuestion, ...]


def found_of(
    stack: Stack,
    stacks: tuple[Stack, ...],
    arrays: Mapping[str, Array],
    tables: tuple[Table, ...],
    answers: Answers,
    source: str,
) -> ImportResult:
    """The stack as a Found, with the tables around it that belong to it.

    stacks  all of the file, this one included.
    arrays  all of the file.

    Raises ModelError naming the array that does not fit or is not finite.
    """
    choices = _choices(stack, stacks, tables, answers)
    model = _model(stack, choices, arrays, answers, source)
    return ImportResult(
        stack.path,
        model,
        tuple(_facts(stack, stacks, choices, model, arrays, answers)),
        choices.questions,
        torch_reference(stack.parts, choices.activation),
    )


def _choices(
    stack: Stack, stacks: tuple[Stack, ...], tables: tuple[Table, ...], answers: Answers
) -> Choices:
    bottom, top = stack.parts[0], stack.parts[-1]
    near = [table for table in tables if _belongs(table, stack, stacks)]
    embedding = choose_embedding(tables, bottom.n_inputs, near, answers)
    above = tuple(table for table in tables if table != embedding.table)
    readout = choose_readout(above, top.n_outputs, near, answers)
    questions = (
        *stack.questions,
        *_own_questions(bottom),
        *embedding.questions,
        *readout.questions,
        *_readout_questions(readout.table),
    )
    chosen = {question.name: _answered(question, answers) for question in questions}
    return Choices(
        chosen.get("cell", bottom.cells[0]),
        chosen.get("activation", bottom.activation),
        chosen.get("readout_activation", ""),
        embedding,
        readout,
        questions,
    )


def _own_questions(part: RecurrentModule) -> Iterator[ImportQuestion]:
    if len(part.cells) > 1:
        yield ImportQuestion("cell", part.cells, part.cells[0])
    if part.cells[0] == "rnn" and not part.activation:
        yield ImportQuestion("activation", ("tanh", "relu"), "tanh")


def _readout_questions(table: Table | None) -> Iterator[ImportQuestion]:
    if table is not None:
        # A softmax over a single output is always 1.
        likely = "softmax" if table.shape[0] > 1 else "linear"
        yield ImportQuestion("readout_activation", ("softmax", "linear", "sigmoid"), likely)


def _answered(question: ImportQuestion, answers: Answers) -> str:
    came = answers.get(question.name, "")
    return came if came in question.options else question.likely


def _belongs(table: Table, stack: Stack, stacks: tuple[Stack, ...]) -> bool:
    """Whether no other stack of the file lies nearer to the table than this one."""
    return _shared(table.path, stack.path) == max(_shared(table.path, s.path) for s in stacks)


def _shared(first: str, second: str) -> int:
    """How many parts two paths have in common from the start."""
    count = 0
    for one, other in zip(re.split(r"[./]", first), re.split(r"[./]", second), strict=False):
        if one != other:
            break
        count += 1
    return count


def layers_of(parts: tuple[RecurrentModule, ...], cell: str, activation: str) -> tuple[Layer, ...]:
    """The layers of parts that lie on each other, lowest first.

    activation  a simple RNN's; any other cell has its own.
    """
    # PyTorch's "relu" is a simple RNN's; the cell's own function needs no choice.
    activations = {"hidden": "relu"} if activation == "relu" else {}
    layers, below = [], 0
    for part in parts:
        layers += [
            Layer(cell, y.direction, y.weights, level=below + y.level, activations=activations)
            for y in part.directions
        ]
        below += part.n_levels
    return tuple(layers)


def _model(
    stack: Stack, choices: Choices, arrays: Mapping[str, Array], answers: Answers, source: str
) -> Model:
    return Model(
        layers_of(stack.parts, choices.cell, choices.activation),
        readout=_readout(choices, arrays, answers),
        source=source,
        embedding=_matrix(choices.embedding.table, arrays, answers),
    )


def _matrix(table: Table | None, arrays: Mapping[str, Array], answers: Answers) -> Array | None:
    if table is None:
        return None
    array = finite_floats(table.weights, arrays[table.weights], answers)
    return array.T if table.is_transposed else array


def _readout(choices: Choices, arrays: Mapping[str, Array], answers: Answers) -> Readout | None:
    table = choices.readout.table
    weights = _matrix(table, arrays, answers)
    if table is None or weights is None:
        return None
    has_bias = bool(table.bias)
    bias = (
        finite_floats(table.bias, arrays[table.bias], answers)
        if has_bias
        else np.zeros_like(weights[:, 0])
    )
    return Readout(weights, bias, activation=choices.readout_activation)


def _facts(
    stack: Stack,
    stacks: tuple[Stack, ...],
    choices: Choices,
    model: Model,
    arrays: Mapping[str, Array],
    answers: Answers,
) -> Iterator[ReportRow]:
    part = stack.parts[0]
    yield ReportRow("cell", choices.cell, _origin("cell", choices, answers, part.cell_origin))
    yield ReportRow("layers", str(len(model.levels)), _origin("stack", choices, answers, "names"))
    yield ReportRow("sizes", _sizes(stack, model), "shapes")
    sides = [layer.direction for layer in model.levels[0]]
    yield ReportRow("directions", ", ".join(sides), "names")
    if order := _gate_order(part, choices.cell):
        yield ReportRow("gate_order", order, "framework")
    yield ReportRow("biases", _biases(model.layers[0]), "names")
    yield _activations(part, choices, answers)
    yield ReportRow("numbers", _numbers(stack, model, arrays), "file")
    yield from _around(choices, arrays, answers)
    yield from _zeroed(stack, choices, arrays)
    yield from _left_out(stacks, choices, arrays)


def _origin(name: str, choices: Choices, answers: Answers, otherwise: Origin) -> Origin:
    """Where a choice comes from: an answer, the likely option, or what needs no question."""
    asked = {question.name: question for question in choices.questions}
    if name not in asked:
        return otherwise
    return "answer" if answers.get(name) in asked[name].options else "default"


def _sizes(stack: Stack, model: Model) -> str:
    widths = [str(level[0].n_units) for level in model.levels]
    projection = stack.parts[0].arrays.get("weight_hr_l0")
    if projection is not None:
        widths = [f"{width} ({projection.shape[0]})" for width in widths]
    return " → ".join([str(stack.parts[0].n_inputs), *widths])


def _gate_order(part: RecurrentModule, cell: str) -> str:
    orders: dict[str, Mapping[str, tuple[str, ...]]] = {
        "torch": TORCH_GATES,
        "torch_cell": TORCH_GATES,
        "keras": KERAS_GATES,
    }
    gates = orders[part.style][cell] if part.style in orders else ()
    return ", ".join(gates) if len(gates) > 1 else ""


def _biases(layer: Layer) -> str:
    roles = [role for role in ("b", "bh") if f"{layer.cell.gates[0].name}.{role}" in layer.weights]
    return " + ".join(roles) or "0"


def _activations(part: RecurrentModule, choices: Choices, answers: Answers) -> ReportRow:
    if choices.activation:
        origin = _origin("activation", choices, answers, "framework")
        return ReportRow("activations", choices.activation, origin)
    functions = dict.fromkeys(gate.activation for gate in CELLS[choices.cell].gates)
    # Keras lets each layer choose others, and its arrays do not tell.
    return ReportRow(
        "activations", ", ".join(functions), "default" if part.style == "keras" else "framework"
    )


def _numbers(stack: Stack, model: Model, arrays: Mapping[str, Array]) -> str:
    types = {
        str(arrays[name].dtype) for part in stack.parts for name in part.used if name in arrays
    }
    stored = ", ".join(sorted(types)) or str(model.dtype)
    return stored if stored == str(model.dtype) else f"{stored} → {model.dtype}"


def _around(choices: Choices, arrays: Mapping[str, Array], answers: Answers) -> Iterator[ReportRow]:
    if table := choices.embedding.table:
        yield ReportRow("embedding", _named(table.weights, arrays), choices.embedding.origin)
    if table := choices.readout.table:
        origin = _origin("readout_activation", choices, answers, "default")
        value = f"{_named(table.weights, arrays)}, {choices.readout_activation}"
        yield ReportRow(
            "readout", value, "answer" if origin == "answer" else choices.readout.origin
        )


def _zeroed(stack: Stack, choices: Choices, arrays: Mapping[str, Array]) -> Iterator[ReportRow]:
    """What was read as 0: it came this far, so the answer said so."""
    used = [name for part in stack.parts for name in sorted(part.used)] + _around_names(choices)
    counts = {name: count_nonfinite(arrays[name]) for name in used if name in arrays}
    if bad := {name: count for name, count in counts.items() if count}:
        listed = ", ".join(f"{shown(name, 80)}: {count}" for name, count in bad.items())
        yield ReportRow("nan", listed, "answer")


def _around_names(choices: Choices) -> list[str]:
    tables = [table for table in (choices.embedding.table, choices.readout.table) if table]
    return [name for table in tables for name in (table.weights, table.bias) if name]


def _left_out(
    stacks: tuple[Stack, ...], choices: Choices, arrays: Mapping[str, Array]
) -> Iterator[ReportRow]:
    used = {name for stack in stacks for part in stack.parts for name in part.used}
    rest = [name for name in arrays if name not in used.union(_around_names(choices))]
    listed = [_named(name, arrays) for name in rest[:_SHOWN]]
    more = [f"… +{len(rest) - _SHOWN}"] if len(rest) > _SHOWN else []
    if rest:
        yield ReportRow("left_out", ", ".join(listed + more), "names")


def _named(name: str, arrays: Mapping[str, Any]) -> str:
    return f"{shown(name, 80)} {tuple(arrays[name].shape)}"
