"""Directions of a recurrent layer of Keras: the cells of each, with their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.keras.file import Config, KerasFile
from rnnviz.readers.keras.graph import RECURRENT, KerasNode, layer_kind, snake_case

CELL_KINDS = {
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
class CellConfig:
    """One cell of a layer as the configuration has it, and where Keras 3 puts its weights."""

    kind: str
    config: Config
    store: str

    def __post_init__(self) -> None:
        if not isinstance(self.config, Mapping):
            raise TypeError

    @property
    def n_arrays(self) -> int:
        """Arrays of weights: kernel, recurrent kernel and, where it has one, bias."""
        return 2 + bool(self.kind.startswith("CuDNN") or self.config.get("use_bias", True))


@dataclass(frozen=True, eq=False)
class KerasCell:
    """One cell: its kind, its options, its weights by name: kernel, recurrent kernel, bias."""

    kind: str
    config: Config
    named: Mapping[str, Array]

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The weights in Keras' order."""
        return tuple(self.named.values())

    @property
    def n_inputs(self) -> int:
        """Features it reads at a step."""
        return int(self.arrays[0].shape[0])

    @property
    def n_units(self) -> int:
        """Units of the cell."""
        return int(self.arrays[1].shape[0])

    @property
    def is_cudnn(self) -> bool:
        """True when its weights have CuDNN's layout."""
        return self.kind.startswith("CuDNN")


@dataclass(frozen=True, eq=False)
class KerasDirection:
    """One direction of a layer: the cells on top of each other."""

    goes_backwards: bool
    cells: tuple[KerasCell, ...]


def is_recurrent(node: KerasNode) -> bool:
    """True when the layer is made of cells known here."""
    try:
        return node.kind in RECURRENT and all(cells for _, cells in _directions(node))
    except (KeyError, TypeError, AttributeError):
        return False


def directions_of(node: KerasNode, file: KerasFile) -> tuple[KerasDirection, ...]:
    """The layer's directions, its forward one first.

    Raises ModelError where weights are missing.
    """
    given = None if file.names is None else list(_legacy(node, file))
    own = file.writer.defaults
    return tuple(
        KerasDirection(
            goes_backwards,
            tuple(
                KerasCell(c.kind, {**own, **c.config}, _weights(node, c, file, given))
                for c in cells
            ),
        )
        for goes_backwards, cells in _directions(node)
    )


def own_arrays(node: KerasNode, file: KerasFile) -> dict[str, Array]:
    """The weights by name of a layer without layers inside: an Embedding, a Dense."""
    if file.names is not None:
        return {name: file.arrays[name] for name in _legacy(node, file) if name in file.arrays}
    numbered = (f"{node.store}/vars/{i}" for i in range(len(file.arrays)))
    return {path: file.arrays[path] for path in numbered if path in file.arrays}


def options(node: KerasNode) -> Config:
    """return_sequences and its like: a Bidirectional's are those of the layer inside."""
    inner: Any = node.config["layer"]["config"] if node.kind == "Bidirectional" else node.config
    return dict(inner)


def _directions(node: KerasNode) -> list[tuple[bool, list[CellConfig]]]:
    if node.kind != "Bidirectional":
        backwards = bool(node.config.get("go_backwards", False))
        return [(backwards, _cells(node.kind, node.config, node.store))]
    forward = node.config["layer"]
    backward = node.config.get("backward_layer") or forward
    turned = bool(forward["config"].get("go_backwards", False))
    return [
        (turned, _cells(layer_kind(forward), forward["config"], f"{node.store}/forward_layer")),
        (
            not turned,
            _cells(layer_kind(backward), backward["config"], f"{node.store}/backward_layer"),
        ),
    ]


def _cells(kind: str, config: Config, store: str) -> list[CellConfig]:
    if kind != "RNN":
        return [CellConfig(CELL_KINDS[kind], config, f"{store}/cell")]
    cell = config["cell"]
    # Until Keras 2.3 a list of cells stood there itself.
    inner = cell if isinstance(cell, list) else [cell]
    is_stacked = isinstance(cell, list) or layer_kind(cell) == "StackedRNNCells"
    if not isinstance(cell, list) and is_stacked:
        inner = cell["config"]["cells"]
    if not is_stacked:
        return [CellConfig(CELL_KINDS[layer_kind(cell)], cell["config"], f"{store}/cell")]
    names = _numbered(inner)
    return [
        CellConfig(CELL_KINDS[layer_kind(each)], each["config"], f"{store}/cell/cells/{name}")
        for each, name in zip(inner, names, strict=True)
    ]


def _numbered(cells: list[Config]) -> list[str]:
    names = [snake_case(each["class_name"]) for each in cells]
    return [
        f"{name}_{names[:i].count(name)}" if name in names[:i] else name
        for i, name in enumerate(names)
    ]


def _weights(
    node: KerasNode, cell: CellConfig, file: KerasFile, given: list[str] | None
) -> dict[str, Array]:
    if given is None:
        paths = [f"{cell.store}/vars/{i}" for i in range(cell.n_arrays)]
    else:
        paths = [given.pop(0) for _ in range(min(cell.n_arrays, len(given)))]
    missing = [path for path in paths if path not in file.arrays]
    if missing or len(set(paths)) < cell.n_arrays:
        raise ModelError(
            "The layer “{layer}” needs {wanted} arrays of weights, but {missing} is not in the"
            " file; save the whole model again.",
            layer=shown(node.path),
            wanted=cell.n_arrays,
            missing=shown(missing[0] if missing else node.group, 80),
        )
    return {path: file.arrays[path] for path in paths}


def _legacy(node: KerasNode, file: KerasFile) -> tuple[str, ...]:
    names = (file.names or {}).get(node.group, ())
    if node.group == node.path:
        return names
    # A model inside the model lists the weights of all its layers together.
    own = tuple(name for name in names if node.name in name.split("/")[1:])
    if own or not node.wrapper:
        return own
    # TensorFlow's Keras 2 names the weights in a TimeDistributed by the TimeDistributed.
    around = node.wrapper.rpartition("/")[2]
    return tuple(name for name in names if around in name.split("/")[1:])
