"""One recurrent module of a file: its weights by gate, before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction
from rnnviz.readers.result import Answers, ImportQuestion, Origin

Style = Literal["torch", "torch_cell", "keras", "rnnviz"]


@dataclass(frozen=True, eq=False)
class DirectionWeights:
    """The weights `gate.role` of one level, read in one direction."""

    level: int
    direction: Direction
    weights: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class RecurrentModule:
    """One recurrent module: a `torch.nn.LSTM` of any depth, a cell, a Keras layer.

    path        where it stands in the file: "encoder.rnn".
    style       whose names its arrays have.
    cells       the cells that these arrays can be, the likely one first.
    strands     by level, forward before backward.
    arrays      the same weights as the file has them, by their name inside the module.
    used        the names of these arrays in the file.
    n_inputs    features it reads.
    n_outputs   units of its top level, both directions together.
    activation  of a simple RNN, "" where it is not known.
    told_by     where the kind of cell comes from.
    """

    path: str
    style: Style
    cells: tuple[str, ...]
    directions: tuple[DirectionWeights, ...]
    arrays: Mapping[str, Array]
    used: frozenset[str]
    n_inputs: int
    n_outputs: int
    activation: str = ""
    cell_origin: Origin = "shapes"

    @property
    def n_levels(self) -> int:
        """Levels of the part."""
        return 1 + max(strand.level for strand in self.directions)


def check_shape(name: str, array: Array, wanted: tuple[int, ...], axes: str) -> None:
    """Nothing, when the array has this shape.

    Raises ModelError naming the array otherwise.

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


def gates_stacked(name: str, size: int, n_units: int, counts: Mapping[int, str]) -> str:
    """The cell that a recurrent matrix is of, by how many gates lie in it.

    size    numbers along the axis of the gates.
    counts  the cell by its number of gates.

    Raises ModelError for another number.

    >>> gates_stacked("weight_hh_l0", 384, 96, {1: "rnn", 3: "gru", 4: "lstm"})
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
    """Nothing, when the array has two axes and is not empty.

    Raises ModelError naming the array otherwise.

    >>> import numpy as np
    >>> check_matrix("weight_hh_l0", np.zeros((4, 1)))
    """
    if array.ndim != 2 or 0 in array.shape:
        raise ModelError(
            "“{name}” should be a matrix with at least one row and column, but its shape is"
            " {came}; only recurrent layers without convolution can be shown.",
            name=shown(name, 80),
            came=array.shape,
        )


_NUMBER = re.compile(r"[_./]?(\d+)(?=$|[_./])|(?<=[a-z])(\d+)(?=$|[_./])")
STACKED, SEPARATE = "stacked", "separate"


@dataclass(frozen=True, eq=False)
class Stack:
    """Parts that feed each other, lowest first."""

    path: str
    parts: tuple[RecurrentModule, ...]
    questions: tuple[ImportQuestion, ...] = ()
    is_answered: bool = False


def stacks_of(parts: Iterable[RecurrentModule], answers: Answers) -> tuple[Stack, ...]:
    """The parts as networks: numbered ones that fit on each other are levels of one.

    Cells without numbers that fit are separate unless the answer to "stack" says otherwise.
    """
    groups: dict[tuple[str, ...], list[RecurrentModule]] = {}
    for part in parts:
        groups.setdefault(_kin(part), []).append(part)
    return tuple(stack for group in groups.values() for stack in _split(group, answers))


def _kin(part: RecurrentModule) -> tuple[str, ...]:
    """What levels of one network share: the path without its numbers, the cell."""
    name = _NUMBER.sub("", part.path)
    if part.style == "torch_cell" and not _numbers(part):
        name = part.path.rpartition(".")[0]
    return name, part.style, *part.cells, part.activation


def _numbers(part: RecurrentModule) -> tuple[int, ...]:
    return tuple(int(found[1] or found[2]) for found in _NUMBER.finditer(part.path))


def _split(group: list[RecurrentModule], answers: Answers) -> list[Stack]:
    ordered = sorted(group, key=_numbers)
    fits = all(above.n_inputs == below.n_outputs for below, above in pairwise(ordered))
    if len(group) == 1 or not fits:
        return [Stack(part.path, (part,)) for part in group]
    is_numbered = len({_numbers(part) for part in group}) == len(group)
    question = ImportQuestion("stack", (STACKED, SEPARATE), STACKED if is_numbered else SEPARATE)
    is_answered = answers.get("stack") in question.options
    if (answers["stack"] if is_answered else question.likely) == STACKED:
        path = _NUMBER.sub("", ordered[0].path) if is_numbered else _kin(ordered[0])[0]
        return [Stack(path, tuple(ordered), (question,), is_answered)]
    return [Stack(part.path, (part,), (question,), is_answered) for part in group]
