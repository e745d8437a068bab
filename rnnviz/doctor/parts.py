"""The weights of a layer by role and gate, in float64, in a form that two layers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.doctor.rounding import size_of
from rnnviz.network.layer import Layer

ByGate = Mapping[str, Array]
"""Arrays of one role by gate; of the role "b" (bias, unit), the input's and the recurrent one."""


@dataclass(frozen=True, eq=False)
class Parts:
    """A layer's weights by role: "x", "h", "p" and "b" by gate, all others under "" by name."""

    cell_name: str
    roles: Mapping[str, ByGate]

    @property
    def cell(self) -> Cell:
        """The cell itself."""
        return CELLS[self.cell_name]

    @cached_property
    def has_two_biases(self) -> Mapping[str, bool]:
        """By gate whether its two biases do not add up to one: the reset gate scales the second."""
        gates = self.cell.gates
        return {gate.name: bool(gate.scaled_by) and gate.recurrence == "outside" for gate in gates}

    def acting(self, gate: str, biases: Array) -> Array:
        """Biases (bias, unit) of a gate as they act: those that add up are their sum (unit,)."""
        return biases if self.has_two_biases[gate] else biases.sum(axis=0)

    def size(self, role: str) -> float:
        """The largest size of a number of this role."""
        return size_of(*self.roles[role].values())

    def with_role(self, role: str, arrays: ByGate) -> Parts:
        """These parts with other arrays for a role."""
        return replace(self, roles={**self.roles, role: arrays})


def layer_parts(layer: Layer) -> Parts:
    """A layer's weights by role; a bias or a peephole that it does not have is zeros."""
    roles: dict[str, dict[str, Array]] = {"x": {}, "h": {}, "p": {}, "b": {}}
    weights = {name: np.asarray(array, np.float64) for name, array in layer.weights.items()}
    zeros = np.zeros(layer.n_units)
    for gate in layer.cell.gates:
        for role in ("x", "h", "p"):
            if f"{gate.name}.{role}" in layer.cell.params_by_name:
                array = weights.pop(f"{gate.name}.{role}", zeros)
                roles[role][gate.name] = array
        biases = [weights.pop(f"{gate.name}.{role}", zeros) for role in ("b", "bh")]
        roles["b"][gate.name] = np.stack(biases)
    return Parts(layer.cell_name, roles | {"": weights})


def weights_of(parts: Parts) -> dict[str, Array]:
    """The weights by the names of `Layer`, each bias that acts as a sum in one array."""
    weights = {
        f"{gate}.{role}": array
        for role in ("x", "h", "p")
        for gate, array in parts.roles[role].items()
    }
    for gate in parts.cell.gates:
        biases = parts.acting(gate.name, parts.roles["b"][gate.name])
        if parts.has_two_biases[gate.name]:
            weights |= {f"{gate.name}.b": biases[0], f"{gate.name}.bh": biases[1]}
        elif roles := parts.cell.biases_of(gate):
            weights[f"{gate.name}.{roles[0]}"] = biases
    return weights | dict(parts.roles[""])


def as_cell(parts: Parts, cell_name: str) -> Parts:
    """Weights in another cell, that of `shared_cell`, so that nothing is lost.

    A GRU of which the reset acts before the product has one bias, the sum of the two.
    """
    given, size = parts.roles["p"], next(iter(parts.roles["b"].values())).shape[1]
    seeing = [gate.name for gate in CELLS[cell_name].gates if gate.peephole]
    peepholes = {gate: given.get(gate, np.zeros(size)) for gate in seeing}
    return Parts(cell_name, {**parts.roles, "p": peepholes})


_FAMILIES = {
    frozenset({"gru", "gru_reset_after"}): "gru",
    frozenset({"lstm", "lstm_peephole"}): "lstm_peephole",
}


def shared_cell(one: str, other: str) -> str | None:
    """The cell in which the weights of both can be compared; None where there is none.

    >>> shared_cell("gru_reset_after", "gru"), shared_cell("gru", "lstm")
    ('gru', None)
    """
    return one if one == other else _FAMILIES.get(frozenset({one, other}))
