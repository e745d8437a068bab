"""Weights alone ▶ the layers that they most likely are of, and the questions about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.keras.file import Config, KerasFile
from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.layers import GATE_ACTIVATIONS, HARD_SIGMOID_2, KERAS_ACTIVATIONS
from rnnviz.readers.keras.stored_layers import StoredLayer, cell_kind
from rnnviz.readers.keras.stored_neighbours import neighbours
from rnnviz.readers.keras.stored_order import LayerRun, StoredModel, read_order, stored_model
from rnnviz.readers.keras.writer import KerasWriter
from rnnviz.readers.result import Answers, ImportQuestion

_NONE = "none"
_MAX_OPTIONS = 12
_BACKWARD = re.compile(r"(?:^|[_/]|(?<=[a-z]))(?:backwards?|bwd?|reversed?)(?:$|[_/\d])", re.I)


@dataclass(frozen=True, eq=False)
class LikelyLayers:
    """Layers as their order and sizes allow, what their arrays leave open, and what is assumed.

    front  names of the layers in front of a run of recurrent ones and its embedding, the nearest
           first, by the path of its lowest layer.
    """

    nodes: KerasNodes
    questions: tuple[ImportQuestion, ...]
    assumed: tuple[Assumption, ...]
    front: Mapping[str, tuple[str, ...]]


def likely_layers(file: KerasFile, answers: Answers) -> LikelyLayers:
    """The layers of a file of weights alone, with the likely answer where none is given."""
    model = stored_model(file)
    runs, asked = read_order(model, answers)
    around, about_them = neighbours(model, runs, answers)
    asked = (*asked, *_questions(model.recurrent, file.writer), *about_them)
    chosen = {question.name: question.choose(answers) for question in asked}
    chains = [around.chain(run) for run in runs]
    used = {layer for chain in chains for layer in chain}
    alone = [layer for layer in model.layers if layer not in used and not layer.is_inert]
    nodes = {node.path: node for node in _nodes(chains, alone, chosen)}
    front = {
        run[0].path: _in_front(model, chain[0]) for run, chain in zip(runs, chains, strict=True)
    }
    return LikelyLayers(nodes, asked, tuple(_assumed(model)), front)


def _in_front(model: StoredModel, lowest: StoredLayer) -> tuple[str, ...]:
    """The layers that a model which lists them in a row has before this one, the nearest first."""
    if model.structure in ("functional", "own"):
        return ()
    before = model.layers[: model.place(lowest)][::-1]
    return tuple(layer.word for layer in before if not layer.is_inert)


def _assumed(model: StoredModel) -> Iterator[Assumption]:
    if own := [layer.path for layer in model.recurrent if not layer.is_of_keras]:
        yield Assumption("layer_class", ", ".join(own))
    # Where the layers are not in a row, one may start from the last states of another.
    if model.structure != "sequential" and len(model.recurrent) > 1:
        yield Assumption("initial_states", "zeros")


def _questions(recurrent: LayerRun, writer: KerasWriter) -> Iterator[ImportQuestion]:
    kinds = {(cell_kind(cell), len(cell)) for layer in recurrent for cell in layer.cells}
    if ("GRU", 2) in kinds:
        forms = ("gru_reset_after", "gru")
        yield ImportQuestion("cell", forms, forms[0] if _resets_after(recurrent, writer) else "gru")
    if any(kind in ("SimpleRNN", "GRU", "LSTM") for kind, _ in kinds):
        yield ImportQuestion("activation", KERAS_ACTIVATIONS, "tanh")
    if any(kind in ("GRU", "LSTM") for kind, _ in kinds):
        is_hard = writer.is_before_2_3 and not _resets_after(recurrent, writer)
        likely = HARD_SIGMOID_2 if is_hard else "sigmoid"
        yield ImportQuestion("recurrent_activation", GATE_ACTIVATIONS, likely)
    if one_way := [layer.path for layer in recurrent if not layer.is_both][:_MAX_OPTIONS]:
        named = [layer.path for layer in recurrent if _BACKWARD.search(layer.name or layer.path)]
        likely = next((path for path in named if path in one_way), _NONE)
        yield ImportQuestion("go_backwards", (_NONE, *one_way), likely)


def _resets_after(recurrent: LayerRun, writer: KerasWriter) -> bool:
    """True where the version says it, or a bias of two rows: TensorFlow 2.0 wrote "2.2.4-tf"."""
    grus = [c for y in recurrent for c in y.cells if cell_kind(c) == "GRU" and len(c) > 2]
    return any(cell[2].ndim == 2 for cell in grus) if grus else writer.resets_after


def _nodes(
    chains: Iterable[LayerRun], alone: Iterable[StoredLayer], chosen: dict[str, str]
) -> Iterator[KerasNode]:
    for chain in chains:
        below = None
        for layer in chain:
            node = _node(layer, chosen)
            yield replace(node, inputs=((below, 0),) if below is not None else ())
            below = node.path
    yield from (_node(layer, chosen) for layer in alone)


_KINDS = {"embedding": "Embedding", "dense": "Dense", "convolution": "ConvLSTM"}


def _node(layer: StoredLayer, chosen: dict[str, str]) -> KerasNode:
    if layer.part == "cells":
        kind, config = _whole(layer, chosen)
    else:
        kind = _KINDS.get(layer.part, layer.word)
        config = {"activation": chosen.get("readout_activation", "linear")}
    if layer.part == "unknown_cells":
        kind = f"Custom>{layer.word}"
    return KerasNode(layer.path, kind, config, layer.store, layer.group)


def _whole(layer: StoredLayer, chosen: dict[str, str]) -> tuple[str, Config]:
    cells: list[dict[str, Any]] = [
        {"class_name": cell_kind(cell), "config": _options(cell, chosen)} for cell in layer.cells
    ]
    if layer.is_both:
        return "Bidirectional", {"layer": cells[0], "backward_layer": cells[1]}
    turned = {"go_backwards": chosen["go_backwards"] == layer.path}
    if len(cells) == 1:
        return cells[0]["class_name"], {**cells[0]["config"], **turned}
    inner = [{**cell, "class_name": f"{cell['class_name']}Cell"} for cell in cells]
    return "RNN", {"cell": inner, "return_sequences": True, **turned}


def _options(cell: tuple[Array, ...], chosen: dict[str, str]) -> dict[str, Any]:
    known = len(cell) > 2
    after = cell[2].ndim == 2 if known else chosen.get("cell") == "gru_reset_after"
    roles = ("activation", "recurrent_activation")
    named = {role: chosen[role] for role in roles if role in chosen}
    return {"use_bias": known, "reset_after": after, "return_sequences": True, **named}
