"""The layers of a model ▶ stacks of recurrent ones, each reading only the one below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction
from rnnviz.readers.keras.file import Config, KerasFile
from rnnviz.readers.keras.graph import RECURRENT, KerasNode, KerasNodes, snake_case

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


def is_recurrent(node: KerasNode) -> bool:
    """Whether the layer is made of cells known here."""
    try:
        return node.kind in RECURRENT and bool(_sides(node))
    except (KeyError, TypeError, AttributeError):
        return False


def sides_of(node: KerasNode, saved: KerasFile) -> tuple[Side, ...]:
    """The layer's directions, its forward one first.

    Raises ModelError where weights are missing.
    """
    given = None if saved.names is None else list(_legacy(node, saved))
    sides = []
    for goes_backwards, cells in _sides(node):
        strands = tuple(Strand(c.kind, c.config, _arrays(node, c, saved, given)) for c in cells)
        sides.append(Side(goes_backwards, strands))
    return tuple(sides)


def single(node: KerasNode, saved: KerasFile) -> list[Array]:
    """The weights of a layer without layers inside: an Embedding, a Dense."""
    if saved.names is not None:
        return [saved.arrays[name] for name in _legacy(node, saved)]
    numbered = (f"{node.store}/vars/{i}" for i in range(len(saved.arrays)))
    return [saved.arrays[path] for path in numbered if path in saved.arrays]


def options(node: KerasNode) -> Config:
    """return_sequences and its like: a Bidirectional's are those of the layer inside."""
    inner: Any = node.config["layer"]["config"] if node.kind == "Bidirectional" else node.config
    return dict(inner)


def _sides(node: KerasNode) -> list[tuple[bool, list[_Cell]]]:
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


def _arrays(
    node: KerasNode, cell: _Cell, saved: KerasFile, given: list[str] | None
) -> tuple[Array, ...]:
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


def _legacy(node: KerasNode, saved: KerasFile) -> tuple[str, ...]:
    names = (saved.names or {}).get(node.group, ())
    if node.group == node.path:
        return names
    # A model inside the model lists the weights of all its layers together.
    return tuple(name for name in names if node.name in name.split("/")[1:])


# While a network is read, not trained, these hand on what they are given.
_HANDED_ON = {
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Masking",
    "SpatialDropout1D",
}
SILENT = _HANDED_ON - {"Masking"} | {"InputLayer"}


@dataclass(frozen=True, eq=False)
class Level:
    """What reads one level: its strands with their directions in reading order."""

    strands: tuple[tuple[Direction, Strand], ...]


@dataclass(frozen=True, eq=False)
class Stack:
    """Recurrent layers on each other.

    name         the lowest layer's path.
    layers       those that it is made of, lowest first.
    levels       as many as cells lie on each other.
    is_reversed  whether Keras gives the outputs from the last step to the first.
    is_open      whether another layer reads the units as they are, forward then backward.
    """

    name: str
    layers: tuple[KerasNode, ...]
    levels: tuple[Level, ...]
    is_reversed: bool
    is_open: bool

    @property
    def n_outputs(self) -> int:
        """Units of the top level, both directions together."""
        return sum(strand.arrays[1].shape[0] for _, strand in self.levels[-1].strands)


def stacks_of(nodes: KerasNodes, saved: KerasFile) -> tuple[Stack, ...]:
    """The stacks in the order of the file."""
    read = Counter(lower for node in _recurrent(nodes) if (lower := below(node, nodes)))
    made: list[Stack] = []
    for node in _recurrent(nodes):
        lower = below(node, nodes)
        beneath = [s for s in made if lower and s.layers[-1] is lower and read[lower] == 1]
        for stack in _of_layer(node, sides_of(node, saved)):
            joined = _joined(beneath[0], stack) if beneath else None
            if joined is not None:
                made[made.index(beneath[0])] = joined
            else:
                made.append(stack)
    return tuple(made)


def below(node: KerasNode, nodes: KerasNodes) -> KerasNode | None:
    """The layer whose sequence this one reads, those that hand it on left out; None for none."""
    for _ in range(len(nodes)):
        if len(node.inputs) != 1 or node.inputs[0][1] != 0 or node.is_shared:
            return None
        found = nodes.get(node.inputs[0][0])
        if found is None or not hands_on(found):
            return found
        node = found
    return None


def hands_on(node: KerasNode) -> bool:
    """Whether a layer gives what it is given."""
    is_linear = node.kind == "Activation" and node.config.get("activation") == "linear"
    return node.kind in _HANDED_ON or is_linear


def _recurrent(nodes: KerasNodes) -> Iterator[KerasNode]:
    return (node for node in nodes.values() if is_recurrent(node))


def _of_layer(node: KerasNode, sides: tuple[Side, ...]) -> tuple[Stack, ...]:
    """One stack; of a Bidirectional of stacked cells one for each direction."""
    if len(sides) == 2 and len(sides[0].strands) == 1:
        level = Level((("forward", sides[0].strands[0]), ("backward", sides[1].strands[0])))
        is_open = node.config.get("merge_mode", "concat") == "concat"
        return (Stack(node.path, (node,), (level,), False, is_open),)
    names = [node.path] if len(sides) == 1 else [f"{node.path}/forward", f"{node.path}/backward"]
    return tuple(
        Stack(name, (node,), _levels(side), side.goes_backwards, len(sides) == 1)
        for name, side in zip(names, sides, strict=True)
    )


def _levels(side: Side) -> tuple[Level, ...]:
    direction: Direction = "backward" if side.goes_backwards else "forward"
    return tuple(Level(((direction, strand),)) for strand in side.strands)


def _joined(lower: Stack, upper: Stack) -> Stack | None:
    """The upper stack on the lower one; None where the lower's outputs are not what it reads."""
    node = upper.layers[0]
    is_given = bool(options(lower.layers[-1]).get("return_sequences"))
    is_both = len(upper.levels[0].strands) == 2
    is_turned = is_both and lower.is_reversed
    fits = lower.n_outputs == upper.levels[0].strands[0][1].arrays[0].shape[0]
    if not lower.is_open or not is_given or node.states or is_turned or not fits:
        return None
    levels = tuple(map(_turned, upper.levels)) if lower.is_reversed else upper.levels
    return replace(
        lower,
        layers=(*lower.layers, *upper.layers),
        levels=(*lower.levels, *levels),
        is_reversed=lower.is_reversed != upper.is_reversed,
        is_open=upper.is_open,
    )


def _turned(level: Level) -> Level:
    """Of outputs that come from the last step to the first, the first is the last that was read."""
    other: dict[Direction, Direction] = {"forward": "backward", "backward": "forward"}
    return Level(tuple((other[direction], strand) for direction, strand in level.strands))
