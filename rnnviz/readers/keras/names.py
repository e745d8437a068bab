"""Arrays under the names of Keras variables ▶ recurrent modules.

A GRU has a bias of two rows when the reset gate acts after the product (`keras.layers.GRU`,
`reset_after`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import permutations

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction
from rnnviz.readers.keras.layers import GATE_ACTIVATIONS, KERAS_ACTIVATIONS, keras_weights
from rnnviz.readers.recurrent import (
    DirectionWeights,
    RecurrentModule,
    cell_by_gates,
    check_matrix,
    check_shape,
)
from rnnviz.readers.result import ImportQuestion
from rnnviz.readers.tensors import finite_floats

_CELLS = {1: "rnn", 3: "gru", 4: "lstm"}
_NAME = re.compile(
    r"(?:(?P<path>.*)[/.])?(?P<own>kernel|recurrent_kernel|bias)(?::\d+)?", re.DOTALL
)
_CELL = re.compile(r"(?:^|[/.])(?:(?:lstm|gru|simple_rnn|rnn)_)?cell(?:_\d+)?$")
_DIRECTION = re.compile(r"(?:(?<=[/.])|^)(forward|backward)_(?=[^/.]*$)")


def keras_modules(
    arrays: Mapping[str, Array], answers: Mapping[str, str]
) -> tuple[RecurrentModule, ...]:
    """Every recurrent layer among Keras variables, in the order of the file.

    Raises ModelError naming the array that is missing, does not fit or is not finite.

    >>> import numpy as np
    >>> arrays = {"lstm/lstm_cell/kernel": np.ones((2, 12)),
    ...           "lstm/lstm_cell/recurrent_kernel": np.ones((3, 12))}
    >>> [(module.path, module.cells) for module in keras_modules(arrays, {})]
    [('lstm', ('lstm',))]
    """
    layers: dict[str, dict[Direction, dict[str, str]]] = {}
    for path, names in _modules(arrays).items():
        short = _CELL.sub("", path)
        side = _DIRECTION.search(short)
        direction: Direction = "backward" if side and side[1] == "backward" else "forward"
        layers.setdefault(_DIRECTION.sub("", short), {})[direction] = names
    return tuple(_module(path, sides, arrays, answers) for path, sides in layers.items())


def _modules(arrays: Mapping[str, Array]) -> dict[str, dict[str, str]]:
    """The names of the variables of each recurrent cell, by its path."""
    groups: dict[str, dict[str, str]] = {}
    for name in arrays:
        if found := _NAME.fullmatch(name):
            groups.setdefault(found["path"] or "", {})[found["own"]] = name
    return {path: names for path, names in groups.items() if "recurrent_kernel" in names}


def _module(
    path: str,
    sides: Mapping[Direction, Mapping[str, str]],
    arrays: Mapping[str, Array],
    answers: Mapping[str, str],
) -> RecurrentModule:
    taken = {
        name: finite_floats(name, arrays[name], answers)
        for names in sides.values()
        for name in names.values()
    }
    cells = {_check_side(names, taken) for names in sides.values()}
    if len(cells) > 1:
        raise ModelError(
            "The two directions of “{path}” should be of one kind, but they are {cells};"
            " save the whole model again.",
            path=shown(path, 80),
            cells=", ".join(sorted({cell for kinds in cells for cell in kinds})),
        )
    order: tuple[Direction, ...] = ("forward", "backward")
    fitting = cells.pop()
    asked = _order_question(fitting[0], taken)
    in_order = _reordered(taken, fitting[0], asked, answers)
    return RecurrentModule(
        path,
        "keras",
        fitting,
        tuple(
            DirectionWeights(
                0, direction, keras_weights(fitting[0], _ordered(sides[direction], in_order))
            )
            for direction in order
            if direction in sides
        ),
        taken,
        frozenset(taken),
        asked=(*_questions(fitting[0]), *asked),
    )


def _questions(cell: str) -> tuple[ImportQuestion, ...]:
    """What the names do not say; by default Keras 2.2 and before has hard sigmoids."""
    activation = ImportQuestion("activation", KERAS_ACTIVATIONS, "tanh")
    gates = ImportQuestion("recurrent_activation", GATE_ACTIVATIONS, "sigmoid")
    return (activation,) if cell == "rnn" else (activation, gates)


def _order_question(cell: str, names: Iterable[str]) -> tuple[ImportQuestion, ...]:
    """Whose gates they are, where no slashes say that it is a layer of Keras.

    Haste's LSTM has Keras' names, but the gates i, g, f, o (lmnt-com/haste, pytorch/lstm.py).
    """
    usual = GATE_ORDER["keras"][cell]
    if len(usual) == 1 or any("/" in name for name in names):
        return ()
    orders = dict.fromkeys(", ".join(order) for order in (usual, *permutations(usual)))
    return (ImportQuestion("gate_order", tuple(orders), next(iter(orders))),)


def _reordered(
    arrays: Mapping[str, Array],
    cell: str,
    asked: tuple[ImportQuestion, ...],
    answers: Mapping[str, str],
) -> Mapping[str, Array]:
    """The arrays with their gates in Keras' order."""
    usual = GATE_ORDER["keras"][cell]
    for question in asked:
        stored = question.choose(answers).split(", ")
        if stored != list(usual):
            places = [stored.index(gate) for gate in usual]
            return {name: _with_blocks(array, places) for name, array in arrays.items()}
    return arrays


def _with_blocks(array: Array, places: list[int]) -> Array:
    blocks = array.reshape(*array.shape[:-1], len(places), -1)[..., places, :]
    return read_only(blocks.reshape(array.shape))


def _check_side(names: Mapping[str, str], arrays: Mapping[str, Array]) -> tuple[str, ...]:
    """The cells that the variables can be; ModelError when they do not fit each other."""
    recurrent = names["recurrent_kernel"]
    if "kernel" not in names:
        raise ModelError(
            "“{missing}” is missing beside “{present}”; save the whole model again.",
            missing="kernel",
            present=shown(recurrent, 80),
        )
    for role in ("kernel", "recurrent_kernel"):
        check_matrix(names[role], arrays[names[role]])
    n_units, size = arrays[recurrent].shape
    cell = cell_by_gates(recurrent, size, n_units, _CELLS)
    kernel = arrays[names["kernel"]]
    check_shape(names["kernel"], kernel, (kernel.shape[0], size), "input, gate × unit")
    bias = arrays[names["bias"]] if "bias" in names else None
    if bias is not None and not (cell == "gru" and bias.shape == (2, size)):
        check_shape(names["bias"], bias, (size,), "gate × unit")
    if cell != "gru":
        return (cell,)
    if bias is None:
        return "gru_reset_after", "gru"
    return ("gru_reset_after",) if bias.ndim == 2 else ("gru",)


def _ordered(names: Mapping[str, str], arrays: Mapping[str, Array]) -> tuple[Array, ...]:
    return tuple(arrays[names[n]] for n in ("kernel", "recurrent_kernel", "bias") if n in names)
