"""A recurrent Keras layer ▶ its cells in each direction, with weights as the file has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.keras.file import Config, Saved
from rnnviz.readers.keras.graph import RECURRENT, Node, snake_case

CELLS = {
    "SimpleRNN": "SimpleRNN",
    "SimpleRNNCell": "SimpleRNN",
    "LSTM": "LSTM",
    "LSTMCell": "LSTM",
    "GRU": "GRU",
    "GRUCell": "GRU",
    "CuDNNLSTM": "CuDNNLSTM",
    "CuDNNGRU": "CuDNNGRU",
}


@dataclass(frozen=True, eq=False)
class Strand:
    """One cell: its kind, its options, its weights in Keras' order (kernel, recurrent, bias)."""

    kind: str
    config: Config
    arrays: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Side:
    """One direction of a layer: the cells on top of each other."""

    goes_backwards: bool
    strands: tuple[Strand, ...]


@dataclass(frozen=True, eq=False)
class _Cell:
    kind: str
    config: Config
    store: str

    @property
    def n_arrays(self) -> int:
        return 2 + bool(self.kind.startswith("CuDNN") or self.config.get("use_bias", True))


def is_recurrent(node: Node) -> bool:
    """Whether the layer is made of cells known here."""
    try:
        return node.kind in RECURRENT and bool(_sides(node))
    except (KeyError, TypeError, AttributeError):
        return False


def sides_of(node: Node, saved: Saved) -> tuple[Side, ...]:
    """The layer's directions, its forward one first.

    Raises ModelError where weights are missing.
    """
    given = None if saved.names is None else list(_legacy(node, saved))
    sides = []
    for goes_backwards, cells in _sides(node):
        strands = tuple(Strand(c.kind, c.config, _arrays(node, c, saved, given)) for c in cells)
        sides.append(Side(goes_backwards, strands))
    return tuple(sides)


def single(node: Node, saved: Saved) -> list[Array]:
    """The weights of a layer without layers inside: an Embedding, a Dense."""
    if saved.names is not None:
        return [saved.arrays[name] for name in _legacy(node, saved)]
    numbered = (f"{node.store}/vars/{i}" for i in range(len(saved.arrays)))
    return [saved.arrays[path] for path in numbered if path in saved.arrays]


def options(node: Node) -> Config:
    """return_sequences and its like: a Bidirectional's are those of the layer inside."""
    inner: Any = node.config["layer"]["config"] if node.kind == "Bidirectional" else node.config
    return dict(inner)


def _sides(node: Node) -> list[tuple[bool, list[_Cell]]]:
    if node.kind != "Bidirectional":
        backwards = bool(node.config.get("go_backwards", False))
        return [(backwards, _cells(node.kind, node.config, node.store))]
    forward = node.config["layer"]
    backward = node.config.get("backward_layer") or forward
    if forward["config"].get("go_backwards") is True:
        raise KeyError("go_backwards")
    return [
        (False, _cells(forward["class_name"], forward["config"], f"{node.store}/forward_layer")),
        (True, _cells(backward["class_name"], backward["config"], f"{node.store}/backward_layer")),
    ]


def _cells(kind: str, config: Config, store: str) -> list[_Cell]:
    if kind != "RNN":
        return [_Cell(CELLS[kind], config, f"{store}/cell")]
    cell = config["cell"]
    # Until Keras 2.3 a list of cells stood there itself.
    inner = cell if isinstance(cell, list) else [cell]
    is_stacked = isinstance(cell, list) or cell["class_name"] == "StackedRNNCells"
    if not isinstance(cell, list) and is_stacked:
        inner = cell["config"]["cells"]
    if not is_stacked:
        return [_Cell(CELLS[cell["class_name"]], cell["config"], f"{store}/cell")]
    names = _numbered(inner)
    return [
        _Cell(CELLS[each["class_name"]], each["config"], f"{store}/cell/cells/{name}")
        for each, name in zip(inner, names, strict=True)
    ]


def _numbered(cells: list[Config]) -> list[str]:
    names = [snake_case(each["class_name"]) for each in cells]
    return [
        f"{name}_{names[:i].count(name)}" if name in names[:i] else name
        for i, name in enumerate(names)
    ]


def _arrays(node: Node, cell: _Cell, saved: Saved, given: list[str] | None) -> tuple[Array, ...]:
    if given is None:
        paths = [f"{cell.store}/vars/{i}" for i in range(cell.n_arrays)]
    else:
        paths = [given.pop(0) for _ in range(min(cell.n_arrays, len(given)))]
    missing = [path for path in paths if path not in saved.arrays]
    if missing or len(paths) < cell.n_arrays:
        raise ModelError(
            "The layer “{layer}” needs {wanted} arrays of weights, but {missing} is not in the"
            " file; save the whole model again.",
            layer=shown(node.path),
            wanted=cell.n_arrays,
            missing=shown(missing[0] if missing else node.group, 80),
        )
    return tuple(saved.arrays[path] for path in paths)


def _legacy(node: Node, saved: Saved) -> tuple[str, ...]:
    names = (saved.names or {}).get(node.group, ())
    if node.group == node.path:
        return names
    # A model inside the model lists the weights of all its layers together.
    return tuple(name for name in names if node.name in name.split("/")[1:])
