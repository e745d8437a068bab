"""A layer's linear part: the products with its weights, stacked so that few are taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Param
from rnnviz.network.layer import Layer


@dataclass(frozen=True, eq=False)
class Linear:
    """A layer's products, stacked: each gate's columns stand beside the next gate's."""

    layer: Layer
    backend: Backend
    dtype: np.dtype[Any]

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """The gates whose recurrent product can be taken before the step."""
        return tuple(g.name for g in self.layer.cell.gates if g.recurrence == "outside")

    @cached_property
    def inside(self) -> dict[str, tuple[Tensor, Tensor]]:
        """The recurrent weights and bias of the gates that take their product themselves."""
        names = [g.name for g in self.layer.cell.gates if g.recurrence == "inside"]
        return {name: (self._stacked("h", (name,)), self._bias("bh", (name,))) for name in names}

    @cached_property
    def extras(self) -> dict[str, Tensor]:
        """The weights beside the Dense layers' and their peepholes, zeros where there are none."""
        dense = ("x", "h", *self.layer.cell.biases)
        own = [p for p in self.layer.cell.params if p.name.rpartition(".")[2] not in dense]
        return {p.name: self.backend.array(self._given(p), self.dtype) for p in own}

    @cached_property
    def recurrent(self) -> tuple[Tensor, Tensor]:
        """The stacked recurrent weights and biases of the others."""
        return self._stacked("h", self.outside), self._bias("bh", self.outside)

    def inputs(self, values: Tensor) -> dict[str, Tensor]:
        """`W_x x_t + b` of every gate, (time, batch, unit) or (batch, unit) as the values are."""
        gates = tuple(gate.name for gate in self.layer.cell.gates)
        weights, bias = self._input
        return _split(values @ weights + bias, gates, self.layer.n_units)

    @cached_property
    def _input(self) -> tuple[Tensor, Tensor]:
        gates = tuple(gate.name for gate in self.layer.cell.gates)
        return self._stacked("x", gates), self._bias("b", gates)

    def _stacked(self, role: str, gates: tuple[str, ...]) -> Tensor:
        matrices = [self.layer.weights[f"{gate}.{role}"] for gate in gates]
        square = [np.diag(m) if m.ndim == 1 else m for m in matrices]
        return self.backend.array(np.ascontiguousarray(np.concatenate(square).T), self.dtype)

    def _bias(self, role: str, gates: tuple[str, ...]) -> Tensor:
        zeros = np.zeros(self.layer.n_units)
        given = self.layer.weights if role in self.layer.cell.biases else {}
        parts = [given.get(f"{gate}.{role}", zeros) for gate in gates]
        return self.backend.array(np.concatenate(parts), self.dtype)

    def _given(self, param: Param) -> Array:
        shape = tuple(self.layer.sizes[axis] for axis in param.axes)
        return self.layer.weights.get(param.name, np.zeros(shape))


@dataclass(frozen=True, eq=False)
class Recurrence:
    """`W_h h_{t-1} + b_h` by gate, and the products that a step takes itself."""

    linear: Linear
    hidden: Tensor

    @cached_property
    def products(self) -> dict[str, Tensor]:
        """All that can be taken at once, by gate."""
        weights, bias = self.linear.recurrent
        stacked = self.hidden @ weights + bias
        return _split(stacked, self.linear.outside, self.linear.layer.n_units)

    def __getitem__(self, gate: str) -> Tensor:
        return self.products[gate]

    def product(self, gate: str, vector: Tensor) -> Tensor:
        """`W_h vector + b_h` of a gate that asks for it."""
        weights, bias = self.linear.inside[gate]
        return vector @ weights + bias

    def weight(self, name: str) -> Tensor:
        """A weight of the cell's own, zeros where the layer has none."""
        return self.linear.extras[name]


def _split(stacked: Tensor, gates: tuple[str, ...], n_units: int) -> dict[str, Tensor]:
    return {gate: stacked[..., i * n_units : (i + 1) * n_units] for i, gate in enumerate(gates)}
