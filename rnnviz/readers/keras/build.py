"""A stack of Keras layers ▶ the recurrent stack with its evidence."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.core.checks import shown
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.keras.directions import is_recurrent, options
from rnnviz.readers.keras.embedding_readout import read_embedding, read_readout
from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.front import front_assumptions
from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.layers import keras_layer
from rnnviz.readers.keras.own_run import own_run
from rnnviz.readers.keras.reference import keras_reference
from rnnviz.readers.keras.stacks import NOT_REPORTED, KerasStack, is_pass_through
from rnnviz.readers.keras.weights_only import LikelyLayers
from rnnviz.readers.recurrent import RecurrentStack, stored_arrays
from rnnviz.readers.result import Answers, Evidence, Origin

# Where a file of weights alone does not say it.
_WITHOUT_CONFIG: dict[str, Origin] = {
    "cell": "shapes",
    "layers": "names",
    "directions": "names",
    "activations": "default",
}


def recurrent_stack(
    stack: KerasStack,
    name: str,
    nodes: KerasNodes,
    file: KerasFile,
    answers: Answers,
    likely: LikelyLayers | None,
) -> RecurrentStack:
    """The stack with its embedding, readout and evidence.

    likely  the layers of a file of weights alone.

    Raises ModelError where weights do not fit each other or are not finite.
    """
    embedding = read_embedding(stack, nodes, file, answers)
    readout = read_readout(stack, nodes, file, answers)
    arrays = {name: a for cell in stack.cells for name, a in cell.named.items()}
    used = {*embedding.layers, *readout.layers}
    is_2 = file.writer.is_keras_2
    origins = _WITHOUT_CONFIG if file.config is None else {}
    return RecurrentStack(
        name,
        shown(file.source.name),
        tuple(
            keras_layer(
                cell, direction, level, stack.name, answers, is_keras_2=file.writer.is_keras_2
            )
            for level, cells in enumerate(stack.levels)
            for direction, cell in cells
        ),
        Evidence(
            "keras",
            {**origins, "biases": "shapes", "initial_states": "framework"},
            stored_arrays({**arrays, **embedding.arrays, **readout.arrays}, answers),
            embedding.name,
            readout.name,
            notes={"directions": "go_backwards=True"} if stack.is_reversed else {},
            left_out=tuple(shown(text, 80) for text in _other_layers(nodes, used)),
            ignored=tuple(shown(text, 80) for text in _ignored(stack, used)),
            assumed=(
                *_assumed(stack, nodes),
                *front_assumptions(stack, nodes, embedding, likely),
                *(likely.assumed if likely is not None else ()),
            ),
        ),
        likely.questions if likely is not None else (),
        embedding.embedding,
        embedding.vocabulary,
        readout.readout,
        own_run(stack, nodes, file, embedding, readout, keras_reference(stack, is_keras_2=is_2)),
    )


def _other_layers(nodes: KerasNodes, used: set[KerasNode]) -> Iterator[str]:
    for node in nodes.values():
        is_silent = node.kind in NOT_REPORTED or (node.kind != "Masking" and is_pass_through(node))
        if node not in used and not is_silent and not is_recurrent(node):
            yield f"{node.kind} {node.path}"


def _ignored(stack: KerasStack, used: set[KerasNode]) -> Iterator[str]:
    """The options of the layers in which the model differs from Keras."""
    for node in stack.layers:
        yield from (f"{option} {node.path}" for option in _ignored_options(node))
    yield from (f"mask_zero=True {n.path}" for n in used if n.config.get("mask_zero") is True)


def _assumed(stack: KerasStack, nodes: KerasNodes) -> Iterator[Assumption]:
    """What the layers do in the file's model and do not do in the model here."""
    if any(node.states for node in stack.layers):
        yield Assumption("initial_states", "zeros")
    if masks := [node.path for node in _below_all(stack.layers[0], nodes) if _masks(node)]:
        yield Assumption("masking", ", ".join(masks))


def _masks(node: KerasNode) -> bool:
    return node.kind == "Masking" or node.config.get("mask_zero") is True


def _below_all(node: KerasNode, nodes: KerasNodes) -> Iterator[KerasNode]:
    """Every layer from which the layer's input comes."""
    found: dict[str, KerasNode] = {}
    waiting = [node]
    while waiting:
        for path, _ in waiting.pop().inputs:
            if path in nodes and path not in found:
                found[path] = nodes[path]
                waiting.append(nodes[path])
    return iter(found.values())


def _ignored_options(node: KerasNode) -> Iterator[str]:
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
