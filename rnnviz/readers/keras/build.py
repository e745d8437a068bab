"""A stack of Keras layers ▶ Found: the model, the card, the witness."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.core.checks import shown
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.readers.keras.embedding_readout import Above, Below, read_above, read_below
from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.layers import layer_of
from rnnviz.readers.keras.reference import keras_reference
from rnnviz.readers.keras.stacks import SILENT, Stack, hands_on, is_recurrent, options
from rnnviz.readers.result import Answers, ImportQuestion, ImportResult, Origin, ReportRow

_ORDERS = {"lstm": "i, f, c, o", "gru": "z, r, h", "gru_reset_after": "z, r, h"}
_MAX_NAMED = 12


def found(
    stack: Stack,
    nodes: KerasNodes,
    saved: KerasFile,
    answers: Answers,
    questions: tuple[ImportQuestion, ...],
    every: tuple[Stack, ...],
) -> ImportResult:
    """The stack as a model with what is known of it."""
    under = read_below(stack, nodes, saved, answers)
    over = read_above(stack, nodes, saved, answers)
    model = Model(
        tuple(_layers(stack, saved, answers)),
        readout=over.readout,
        vocabulary=under.vocabulary,
        source=shown(saved.source.name),
        embedding=under.embedding,
    )
    facts = (*_card(model, stack, saved), *_around(under, over))
    facts += tuple(_left_out(stack, nodes, {*under.layers, *over.layers}))
    name = "" if len(every) == 1 else stack.name
    return ImportResult(
        name, model, facts, questions, keras_reference(stack, is_keras_2=saved.is_keras_2)
    )


def _layers(stack: Stack, saved: KerasFile, answers: Answers) -> Iterator[Layer]:
    for height, level in enumerate(stack.levels):
        for direction, strand in level.strands:
            yield layer_of(
                strand, direction, height, stack.name, answers, is_keras_2=saved.is_keras_2
            )


def _card(model: Model, stack: Stack, saved: KerasFile) -> Iterator[ReportRow]:
    said: Origin = "names" if saved.config is None else "file"
    cells = tuple(dict.fromkeys(layer.cell_name for layer in model.layers))
    sizes = [model.n_inputs, *(sum(y.n_units for y in level) for level in model.levels)]
    yield ReportRow("cell", ", ".join(cells), "shapes" if saved.config is None else "file")
    yield ReportRow("layers", str(len(model.levels)), said)
    yield ReportRow("sizes", " → ".join(map(str, sizes)), "shapes")
    directions = ", ".join(dict.fromkeys(layer.direction for layer in model.layers))
    turned = " (go_backwards=True)" if stack.is_reversed else ""
    yield ReportRow("directions", directions + turned, said)
    orders = dict.fromkeys(_ORDERS[cell] for cell in cells if cell in _ORDERS)
    if orders:
        yield ReportRow("gate_order", ", ".join(orders), "framework")
    yield from _details(model, stack, saved)


def _details(model: Model, stack: Stack, saved: KerasFile) -> Iterator[ReportRow]:
    roles = {name.rpartition(".")[2] for layer in model.layers for name in layer.weights}
    yield ReportRow("biases", ", ".join(sorted(roles & {"b", "bh"})) or "–", "shapes")
    chosen = dict.fromkeys(
        f"{gate} {name}" for layer in model.layers for gate, name in layer.activations.items()
    )
    if chosen:
        yield ReportRow(
            "activations", ", ".join(chosen), "default" if saved.config is None else "file"
        )
    kinds = {str(a.dtype) for v in stack.levels for _, s in v.strands for a in s.arrays}
    yield ReportRow("numbers", ", ".join(sorted(kinds)), "file")


def _around(under: Below, over: Above) -> Iterator[ReportRow]:
    if under.embedding is not None:
        yield ReportRow("embedding", " × ".join(map(str, under.embedding.shape)), "file")
    if under.vocabulary is not None:
        yield ReportRow("vocabulary", str(len(under.vocabulary)), "file")
    if over.readout is not None:
        n_outputs, n_units = over.readout.weights.shape
        yield ReportRow("readout", f"{n_units} → {n_outputs} {over.readout.activation}", "file")


def _left_out(stack: Stack, nodes: KerasNodes, used: set[KerasNode]) -> Iterator[ReportRow]:
    """Layers that the model does not have, then what it does otherwise than Keras."""
    others = [
        f"{node.kind} {node.path}"
        for node in nodes.values()
        if node not in used and not _is_silent(node) and not is_recurrent(node)
    ]
    said = [*others[:_MAX_NAMED], *(["…"] if len(others) > _MAX_NAMED else [])]
    for node in stack.layers:
        said += [f"{what} {node.path}" for what in _otherwise(node)]
    said += [f"mask_zero=True {n.path}" for n in used if n.config.get("mask_zero") is True]
    if said:
        yield ReportRow("left_out", ", ".join(shown(text, 80) for text in said), "file")


def _is_silent(node: KerasNode) -> bool:
    return node.kind in SILENT or (node.kind != "Masking" and hands_on(node))


def _otherwise(node: KerasNode) -> Iterator[str]:
    given = options(node)
    if "return_sequences" in given and not given["return_sequences"]:
        yield "return_sequences=False"
    if given.get("stateful") is True:
        yield "stateful=True"
    if node.states:
        yield "initial_state"
    merge = node.config.get("merge_mode", "concat") if node.kind == "Bidirectional" else "concat"
    if merge != "concat":
        yield f"merge_mode={merge}"
    if node.is_shared:
        yield "shared"
