"""Recurrent stacks, into which every reader turns a file.

A file of named arrays holds `RecurrentModule`s, which may be several cells; with the answers they
become layers. Keras and ONNX files say more, so that their readers make the layers themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction, Layer
from rnnviz.network.model import Readout
from rnnviz.readers.certainty import Reference
from rnnviz.readers.result import (
    Answers,
    Evidence,
    ImportQuestion,
    Origin,
    StoredArray,
)
from rnnviz.readers.tensors import count_nonfinite

Style = Literal["torch", "torch_cell", "keras", "rnnviz", "named"]


@dataclass(frozen=True, eq=False)
class RecurrentStack:
    """Recurrent layers that feed each other, with what surrounds them in their file.

    name        its path in the file, "" where there is only one without a path.
    source      where the weights come from, in words.
    layers      of every level and direction.
    evidence    where all this came from.
    questions   what the user may choose otherwise.
    embedding   (token, feature), what the lowest level reads for each token.
    vocabulary  the tokens of the embedding's rows.
    readout     reads the top level's units.
    reference   the framework's computation, see `ImportResult`.
    """

    name: str
    source: str
    layers: tuple[Layer, ...]
    evidence: Evidence
    questions: tuple[ImportQuestion, ...] = ()
    embedding: Array | None = None
    vocabulary: tuple[str, ...] | None = None
    readout: Readout | None = None
    reference: Reference | None = None


@dataclass(frozen=True, eq=False)
class DirectionWeights:
    """The weights `gate.role` of one level in one direction, and its initial states by name."""

    level: int
    direction: Direction
    weights: Mapping[str, Array]
    initial: Mapping[str, Array] = field(default_factory=dict)

    @property
    def n_inputs(self) -> int:
        """Features it reads."""
        return int(self._input_weights.shape[1])

    @property
    def n_units(self) -> int:
        """Units of each gate."""
        return len(self._input_weights)

    @property
    def n_outputs(self) -> int:
        """Numbers of its hidden state."""
        return len(self.weights.get("hidden.w", self._input_weights))

    @property
    def _input_weights(self) -> Array:
        return next(array for name, array in self.weights.items() if name.endswith(".x"))


@dataclass(frozen=True, eq=False)
class RecurrentModule:
    """One recurrent module of a file of named arrays: a `torch.nn.LSTM`, a cell, a Keras layer.

    path         where it stands in the file: "encoder.rnn".
    style        whose names its arrays have.
    cells        the cells that these arrays can be, the likely one first.
    directions   the weights by level, forward before backward.
    arrays       the same weights as the file has them, by their name inside the module.
    used         the names of these arrays in the file.
    activation   of a simple RNN, "" where it is not known.
    cell_origin  where the kind of cell comes from.
    asked        questions that its names leave open, beside those of `questions`.
    said         by row of the report, the setting of the file that says it.
    """

    path: str
    style: Style
    cells: tuple[str, ...]
    directions: tuple[DirectionWeights, ...]
    arrays: Mapping[str, Array]
    used: frozenset[str]
    activation: str = ""
    cell_origin: Origin = "shapes"
    asked: tuple[ImportQuestion, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_levels(self) -> int:
        """Levels of the module."""
        return 1 + max(each.level for each in self.directions)

    @property
    def n_inputs(self) -> int:
        """Features it reads."""
        return self.directions[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """Numbers of its top level, both directions together."""
        top = self.n_levels - 1
        return sum(each.n_outputs for each in self.directions if each.level == top)

    @property
    def questions(self) -> tuple[ImportQuestion, ...]:
        """The choices that its arrays leave open."""
        asked = []
        if len(self.cells) > 1:
            asked.append(ImportQuestion("cell", self.cells, self.cells[0]))
        is_asked = any(question.name == "activation" for question in self.asked)
        if self.cells[0] == "rnn" and not self.activation and not is_asked:
            asked.append(ImportQuestion("activation", ("tanh", "relu"), "tanh"))
        return (*asked, *self.asked)


@dataclass(frozen=True, eq=False)
class ModuleStack:
    """Modules that feed each other, lowest first.

    asked  whether they do.
    """

    path: str
    modules: tuple[RecurrentModule, ...]
    asked: tuple[ImportQuestion, ...] = ()

    @property
    def questions(self) -> tuple[ImportQuestion, ...]:
        """Its own question and those of its modules, each once."""
        every = (*self.asked, *(q for module in self.modules for q in module.questions))
        return tuple({question.name: question for question in reversed(every)}.values())[::-1]


def layers_of(
    modules: Iterable[RecurrentModule], cell: str, activation: str = "", gates: str = ""
) -> tuple[Layer, ...]:
    """Layers of modules that feed each other, lowest first.

    activation  in place of tanh; "" for the cell's own.
    gates       in place of the sigmoid; "" for the cell's own.
    """
    instead = {name: new for name, new in (("tanh", activation), ("sigmoid", gates)) if new}
    own = {gate.name: gate.activation for gate in CELLS[cell].gates}
    own["cell_activation"] = CELLS[cell].cell_activation
    chosen = other_activations(cell, {n: instead[a] for n, a in own.items() if a in instead})
    layers, below = [], 0
    for module in modules:
        layers += [
            Layer(
                cell,
                y.direction,
                y.weights,
                initial=y.initial,
                level=below + y.level,
                activations=chosen,
            )
            for y in module.directions
        ]
        below += module.n_levels
    return tuple(layers)


def other_activations(cell: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Activations by gate, and of the cell state under "cell_activation", not the cell's own.

    >>> other_activations("lstm", {"input": "sigmoid", "cell_activation": "relu"})
    {'cell_activation': 'relu'}
    """
    own = {gate.name: gate.activation for gate in CELLS[cell].gates}
    own["cell_activation"] = CELLS[cell].cell_activation
    return {gate: name for gate, name in chosen.items() if name != own[gate]}


def stored_arrays(arrays: Mapping[str, Array], answers: Answers) -> tuple[StoredArray, ...]:
    """The arrays of a file by name as evidence; numbers that are not finite came with nan="zero".

    >>> import numpy as np
    >>> stored_arrays({"b": np.zeros(3)}, {})
    (StoredArray(name='b', shape=(3,), dtype='float64', n_zeroed=0),)
    """
    counts = answers.get("nan") == "zero"
    return tuple(
        StoredArray(name, a.shape, str(a.dtype), count_nonfinite(a) if counts else 0)
        for name, a in arrays.items()
    )


def check_shape(name: str, array: Array, wanted: tuple[int, ...], axes: str) -> None:
    """Raise ModelError naming the array when it has another shape.

    >>> import numpy as np
    >>> check_shape("bias_ih_l0", np.zeros(4), (4,), "gate × unit")
    """
    if array.shape != wanted:
        raise ModelError(
            "“{name}” should be {wanted} ({axes}) to fit the arrays beside it, but is {came};"
            " save the whole model again.",
            name=shown(name, 80),
            wanted=wanted,
            axes=axes,
            came=array.shape,
        )


def cell_by_gates(name: str, size: int, n_units: int, counts: Mapping[int, str]) -> str:
    """The cell that a recurrent matrix is of, by how many gates lie in it.

    size    numbers along the axis of the gates.
    counts  the cell by its number of gates.

    Raises ModelError for another number.

    >>> cell_by_gates("weight_hh_l0", 384, 96, {1: "rnn", 3: "gru", 4: "lstm"})
    'lstm'
    """
    if not n_units or size % n_units or size // n_units not in counts:
        raise ModelError(
            "“{name}” should hold 1 (RNN), 3 (GRU) or 4 (LSTM) gates of {n_units} units each,"
            " but it has {came} rows; save the whole model again.",
            name=shown(name, 80),
            n_units=n_units,
            came=size,
        )
    return counts[size // n_units]


def check_matrix(name: str, array: Array) -> None:
    """Raise ModelError naming the array when it has other than two axes or is empty.

    >>> import numpy as np
    >>> check_matrix("weight_hh_l0", np.zeros((4, 1)))
    """
    if array.ndim != 2 or 0 in array.shape:
        raise ModelError(
            "“{name}” should be a matrix with at least one row and column, but its shape is"
            " {came}; only layers whose gates are matrices can be shown.",
            name=shown(name, 80),
            came=array.shape,
        )
