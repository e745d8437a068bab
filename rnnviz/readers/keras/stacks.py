"""The layers of a model ▶ stacks of recurrent ones, each reading only the one below it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from rnnviz.network.layer import Direction
from rnnviz.readers.keras.directions import (
    KerasCell,
    KerasDirection,
    directions_of,
    is_recurrent,
    options,
)
from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.graph import KerasNode, KerasNodes

# While a network is evaluated, not trained, their output is their input.
PASS_THROUGH = {
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Masking",
    "SpatialDropout1D",
}
NOT_REPORTED = PASS_THROUGH - {"Masking"} | {"InputLayer"}

Level = tuple[tuple[Direction, KerasCell], ...]


@dataclass(frozen=True, eq=False)
class KerasStack:
    """Recurrent layers on each other.

    name         the lowest layer's path.
    layers       those that it is made of, lowest first.
    levels       lowest first, the cells of each with their directions in reading order.
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
        return sum(cell.n_units for _, cell in self.levels[-1])

    @property
    def cells(self) -> tuple[KerasCell, ...]:
        """The cells of all levels."""
        return tuple(cell for level in self.levels for _, cell in level)


def keras_stacks(nodes: KerasNodes, file: KerasFile) -> tuple[KerasStack, ...]:
    """The stacks in the order of the file."""
    recurrent = [node for node in nodes.values() if is_recurrent(node)]
    n_readers = Counter(lower for node in recurrent if (lower := below(node, nodes)))
    stacks: list[KerasStack] = []
    for node in recurrent:
        lower = below(node, nodes)
        beneath = [s for s in stacks if s.layers[-1] is lower and n_readers[lower] == 1]
        for stack in _of_layer(node, directions_of(node, file)):
            joined = _joined(beneath[0], stack) if beneath else None
            if joined is not None:
                stacks[stacks.index(beneath[0])] = joined
            else:
                stacks.append(stack)
    return tuple(stacks)


def below(node: KerasNode, nodes: KerasNodes) -> KerasNode | None:
    """The layer whose sequence this one reads, pass-through layers left out; None for none."""
    for _ in range(len(nodes)):
        if len(node.inputs) != 1 or node.inputs[0][1] != 0 or node.is_shared:
            return None
        found = nodes.get(node.inputs[0][0])
        if found is None or not is_pass_through(found):
            return found
        node = found
    return None


def is_pass_through(node: KerasNode) -> bool:
    """True for a layer whose output is its input."""
    is_linear = node.kind == "Activation" and node.config.get("activation") == "linear"
    return node.kind in PASS_THROUGH or is_linear


def _of_layer(node: KerasNode, directions: tuple[KerasDirection, ...]) -> tuple[KerasStack, ...]:
    """One stack; of a Bidirectional of stacked cells one for each direction."""
    is_pair = len(directions) == 2 and all(len(each.cells) == 1 for each in directions)
    if is_pair and not directions[0].goes_backwards:
        forward, backward = directions
        level: Level = (("forward", forward.cells[0]), ("backward", backward.cells[0]))
        is_open = node.config.get("merge_mode", "concat") == "concat"
        return (KerasStack(node.path, (node,), (level,), False, is_open),)
    is_one = len(directions) == 1
    names = [node.path] if is_one else [f"{node.path}/forward", f"{node.path}/backward"]
    return tuple(
        KerasStack(name, (node,), _levels(each), each.goes_backwards, is_one)
        for name, each in zip(names, directions, strict=True)
    )


def _levels(each: KerasDirection) -> tuple[Level, ...]:
    direction: Direction = "backward" if each.goes_backwards else "forward"
    return tuple(((direction, cell),) for cell in each.cells)


def _joined(lower: KerasStack, upper: KerasStack) -> KerasStack | None:
    """The upper stack on the lower one; None where the lower's outputs are not what it reads."""
    node = upper.layers[0]
    is_given = bool(options(lower.layers[-1]).get("return_sequences"))
    is_turned = len(upper.levels[0]) == 2 and lower.is_reversed
    fits = lower.n_outputs == upper.levels[0][0][1].n_inputs
    if not lower.is_open or not is_given or node.states or is_turned or not fits:
        return None
    levels = tuple(map(_flip_directions, upper.levels)) if lower.is_reversed else upper.levels
    return replace(
        lower,
        layers=(*lower.layers, *upper.layers),
        levels=(*lower.levels, *levels),
        is_reversed=lower.is_reversed != upper.is_reversed,
        is_open=upper.is_open,
    )


def _flip_directions(level: Level) -> Level:
    """Level whose outputs are reversed in time: each direction reads as the other."""
    other: dict[Direction, Direction] = {"forward": "backward", "backward": "forward"}
    return tuple((other[direction], cell) for direction, cell in level)
