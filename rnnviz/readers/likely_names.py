"""Guesses at what arrays without telling names are, by their shapes: a start to correct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnviz.core.arrays import Shapes
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.errors import ModelError
from rnnviz.readers.mapping import check_names

# The more gates a cell has, the less its shapes fit by chance.
_TRIED = ("lstm", "gru_reset_after", "gru", "rnn")


def likely_names(shapes: Shapes) -> tuple[str, dict[str, str]]:
    """The likely cell of one layer, and by array its likely slot; "" and nothing where none fits.

    Gates are in the order of PyTorch, or of Keras for a cell that PyTorch does not have: shapes do
    not tell it.

    >>> likely_names({"A": (8, 3), "B": (8, 2), "c": (8,)})[1]["B"]
    'input|forget|candidate|output.h'
    """
    guesses = list(_guesses(shapes))
    # Of two that fit, the one that tells of more arrays.
    return max(guesses, key=lambda guess: len(guess[1]), default=("", {}))


def _guesses(shapes: Shapes) -> Iterator[tuple[str, dict[str, str]]]:
    for cell in _TRIED:
        gates = GATE_ORDER["torch"].get(cell) or GATE_ORDER["keras"][cell]
        for names in (*_stacked(shapes, gates), *_by_gate(shapes, gates)):
            if _fit(shapes, names, cell):
                yield cell, names


def _fit(shapes: Shapes, names: Mapping[str, str], cell: str) -> bool:
    try:
        check_names(shapes, names, cell)
    except ModelError:
        return False
    return True


def _stacked(shapes: Shapes, gates: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Slots where one array holds a role's weights of all gates."""
    whole, n = "|".join(gates), len(gates)
    for rows in _sizes(shapes):
        wide = [name for name in _matrices(shapes) if rows in shapes[name]]
        biases = _biases(shapes, rows, [f"{whole}.b", f"{whole}.bh"])
        hidden = [name for name in wide if sorted(shapes[name]) == sorted((rows, rows // n))]
        if rows % n or not wide:
            continue
        if len(wide) == 2 and hidden:
            (read,) = (name for name in wide if name != hidden[-1])
            roles = {read: f"{whole}.x", hidden[-1]: f"{whole}.h"}
        elif len(wide) == 1:
            roles = {wide[0]: f"{whole}.xh"}
        else:
            continue
        yield roles | biases
        yield roles | dict(list(biases.items())[:1])


def _by_gate(shapes: Shapes, gates: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Slots where every gate has arrays of its own, in the order of the file."""
    for units in _sizes(shapes):
        of_layer = [name for name in _matrices(shapes) if units in shapes[name]]
        hidden = [name for name in of_layer if shapes[name] == (units, units)]
        read = [name for name in of_layer if name not in hidden]
        if not len(hidden) == len(read) == len(gates):
            continue
        roles = {name: f"{gate}.x" for name, gate in zip(read, gates, strict=True)}
        roles |= {name: f"{gate}.h" for name, gate in zip(hidden, gates, strict=True)}
        yield roles | _biases(shapes, units, [f"{gate}.b" for gate in gates])
        yield roles


def _biases(shapes: Shapes, size: int, slots: list[str]) -> dict[str, str]:
    """The slots of the first vectors of a size."""
    vectors = [name for name, shape in shapes.items() if [n for n in shape if n != 1] == [size]]
    return dict(zip(vectors, slots, strict=False))


def _matrices(shapes: Shapes) -> list[str]:
    return [name for name, shape in shapes.items() if len(shape) == 2 and min(shape) > 1]


def _sizes(shapes: Shapes) -> list[int]:
    """Sizes of matrices, the largest first."""
    return sorted({n for name in _matrices(shapes) for n in shapes[name]}, reverse=True)
