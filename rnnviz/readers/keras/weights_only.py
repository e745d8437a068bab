"""Weights alone ▶ the layers that they most likely are of, and the questions about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.readers.embedding_readout import READOUT_ACTIVATIONS
from rnnviz.readers.keras.file import Config, KerasFile
from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.layers import HARD_SIGMOID_2, HARD_SIGMOID_3
from rnnviz.readers.result import Answers, ImportQuestion

_INSIDE = re.compile(
    r"(?P<layer>.*?)/(?P<side>forward_layer/|backward_layer/|)"
    r"(?P<cell>cell/(?:cells/[^/]+/)?|layer/|)vars/\d+"
)
_KINDS = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
_RECURRENT_ACTIVATION = ImportQuestion(
    "recurrent_activation", ("sigmoid", HARD_SIGMOID_2, HARD_SIGMOID_3), "sigmoid"
)
_READOUT_ACTIVATION = ImportQuestion("readout_activation", READOUT_ACTIVATIONS, "softmax")
_GRU_FORM = ImportQuestion("cell", ("gru_reset_after", "gru"), "gru_reset_after")
_ACTIVATIONS = ("tanh", "relu", "linear", "sigmoid", "elu", "selu", "softsign", "softplus")
_ACTIVATION = ImportQuestion("activation", _ACTIVATIONS, "tanh")
_ALL = (_RECURRENT_ACTIVATION, _ACTIVATION, _READOUT_ACTIVATION, _GRU_FORM)
_MAX_ORDERED = 5


@dataclass(frozen=True, eq=False)
class _LayerWeights:
    """The arrays of one layer, each cell's in Keras' order."""

    path: str
    group: str
    is_both: bool
    cells: tuple[tuple[Array, ...], ...]
    kind: str = ""

    @property
    def n_inputs(self) -> int:
        return int(self.cells[0][0].shape[0])

    @property
    def n_outputs(self) -> int:
        tops = self.cells if self.is_both else self.cells[-1:]
        return sum(int(cell[1].shape[0]) for cell in tops)


def likely_layers(
    file: KerasFile, answers: Answers
) -> tuple[KerasNodes, tuple[ImportQuestion, ...]]:
    """Layers in the order that their sizes allow, and the questions their arrays leave open."""
    pieces = list(_legacy(file) if file.names is not None else _stored(file))
    recurrent = [piece for piece in pieces if not piece.kind]
    ordered, questions = _ordered(recurrent, answers, has_order=file.names is not None)
    asked = (*questions, *_questions(recurrent))
    chosen = {q.name: q.choose(answers) for q in (*asked, *_ALL)}
    rest = [piece for piece in pieces if piece.kind]
    chain = _with_neighbours(ordered, rest) if ordered else []
    if any(piece.kind == "Dense" for piece in chain):
        asked = (*asked, _READOUT_ACTIVATION)
    alone = [piece for piece in pieces if piece not in chain]
    return {node.path: node for node in _nodes(chain, alone, chosen)}, asked


def _questions(recurrent: Iterable[_LayerWeights]) -> Iterator[ImportQuestion]:
    kinds = {(_kind(cell), len(cell)) for piece in recurrent for cell in piece.cells}
    if ("GRU", 2) in kinds:
        yield _GRU_FORM
    if any(kind in ("SimpleRNN", "GRU", "LSTM") for kind, _ in kinds):
        yield _ACTIVATION
    if any(kind in ("GRU", "LSTM") for kind, _ in kinds):
        yield _RECURRENT_ACTIVATION


def _ordered(
    recurrent: list[_LayerWeights], answers: Answers, *, has_order: bool
) -> tuple[list[_LayerWeights], tuple[ImportQuestion, ...]]:
    """The recurrent layers from the lowest up; none where their sizes allow no order."""
    fits = [list(recurrent)] if _fit_each_other(recurrent) else []
    if not has_order and 1 < len(recurrent) <= _MAX_ORDERED:
        others = map(list, permutations(recurrent))
        fits += [order for order in others if _fit_each_other(order) and order != recurrent]
    by_name = {" > ".join(piece.path for piece in order): order for order in fits}
    if len(by_name) < 2:
        return (fits[0] if fits else []), ()
    question = ImportQuestion("order", tuple(by_name), next(iter(by_name)))
    return by_name[question.choose(answers)], (question,)


def _fit_each_other(order: Iterable[_LayerWeights]) -> bool:
    return all(upper.n_inputs == lower.n_outputs for lower, upper in pairwise(order))


def _with_neighbours(
    ordered: list[_LayerWeights], rest: list[_LayerWeights]
) -> list[_LayerWeights]:
    """The layers with the embedding below and the readout above that fit them."""
    width, n_outputs = ordered[0].n_inputs, ordered[-1].n_outputs
    embeddings = [p for p in rest if p.kind == "Embedding" and p.cells[0][0].shape[1] == width]
    readouts = [p for p in rest if p.kind == "Dense" and p.n_inputs == n_outputs]
    return [*embeddings[:1], *ordered, *readouts[:1]]


def _nodes(
    chain: list[_LayerWeights], alone: list[_LayerWeights], chosen: dict[str, str]
) -> Iterator[KerasNode]:
    below = None
    for piece in chain:
        node = _node(piece, chosen)
        yield replace(node, inputs=((below, 0),) if below is not None else ())
        below = node.path
    yield from (_node(piece, chosen) for piece in alone)


def _node(piece: _LayerWeights, chosen: dict[str, str]) -> KerasNode:
    if piece.kind:
        config: Config = {"activation": chosen["readout_activation"]}
        store = piece.path + ("/layer" if piece.path.endswith("time_distributed") else "")
        return KerasNode(piece.path, piece.kind, config, store, piece.group)
    cells = [{"class_name": _kind(c), "config": _options(c, chosen)} for c in piece.cells]
    kind, config = _whole(piece, cells)
    return KerasNode(piece.path, kind, config, piece.path, piece.group)


def _whole(piece: _LayerWeights, cells: list[dict[str, Any]]) -> tuple[str, Config]:
    if piece.is_both:
        return "Bidirectional", {"layer": cells[0], "backward_layer": cells[1]}
    if len(cells) == 1:
        return cells[0]["class_name"], cells[0]["config"]
    inner = [{**cell, "class_name": f"{cell['class_name']}Cell"} for cell in cells]
    return "RNN", {"cell": inner, "return_sequences": True}


def _options(cell: tuple[Array, ...], chosen: dict[str, str]) -> Config:
    known = len(cell) > 2
    after = cell[2].ndim == 2 if known else chosen["cell"] == "gru_reset_after"
    names = {name: chosen[name] for name in ("activation", "recurrent_activation")}
    return {"use_bias": known, "reset_after": after, "return_sequences": True, **names}


def _kind(cell: tuple[Array, ...]) -> str:
    n_units, width = cell[1].shape
    kind = _KINDS[width // n_units]
    is_cudnn = len(cell) > 2 and cell[2].shape == (2 * width,)
    return f"CuDNN{kind}" if is_cudnn else kind


def _is_cell(arrays: tuple[Array, ...]) -> bool:
    if len(arrays) not in (2, 3) or any(array.ndim != 2 for array in arrays[:2]):
        return False
    (n_inputs, width), (n_units, own) = arrays[0].shape, arrays[1].shape
    is_known = n_units > 0 and own % n_units == 0 and own // n_units in _KINDS
    return bool(n_inputs and is_known and width == own)


def _piece(
    path: str, group: str, is_both: bool, cells: list[tuple[Array, ...]], word: str
) -> _LayerWeights:
    if cells and all(map(_is_cell, cells)) and (not is_both or len(cells) == 2):
        return _LayerWeights(path, group, is_both, tuple(cells))
    arrays = cells[0] if len(cells) == 1 else ()
    shapes = [array.shape for array in arrays]
    kind = word
    if len(shapes) == 1 and len(shapes[0]) == 2:
        kind = "Embedding" if "embedding" in word else "Dense"
    elif len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0][1:] == shapes[1]:
        kind = "Dense"
    return _LayerWeights(path, group, False, tuple(cells), kind)


def _stored(file: KerasFile) -> Iterator[_LayerWeights]:
    """Keras 3: "layers/lstm/cell/vars/0", in the order in which the file was written."""
    layers: dict[str, dict[tuple[str, str], list[Array]]] = {}
    for path, array in file.arrays.items():
        if found := _INSIDE.fullmatch(path):
            cells = layers.setdefault(found["layer"], {})
            cells.setdefault((found["side"], found["cell"]), []).append(array)
    for path, cells in layers.items():
        ordered = sorted(cells, key=lambda key: key[0] == "backward_layer/")
        is_both = any(side for side, _ in cells)
        word = path.rpartition("/")[2]
        yield _piece(path, path, is_both, [tuple(cells[key]) for key in ordered], word)


def _legacy(file: KerasFile) -> Iterator[_LayerWeights]:
    """Keras 2: the arrays of a layer in order, a recurrent one's kernel, recurrent_kernel, bias."""
    for layer, names in (file.names or {}).items():
        cells: list[list[Array]] = []
        for name in names:
            leaf = name.rpartition("/")[2].partition(":")[0]
            if leaf in ("kernel", "embeddings") or not cells:
                cells.append([])
            if name in file.arrays:
                cells[-1].append(file.arrays[name])
        is_both = len(cells) == 2 and any("backward" in name for name in names)
        word = "embedding" if any("embeddings" in name for name in names) else layer
        if cells:
            yield _piece(layer, layer, is_both, list(map(tuple, cells)), word)
