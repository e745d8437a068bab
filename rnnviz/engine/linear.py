"""A layer's products with its weights: one linear part for tracing, training and the kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.core.backend import Backend, Tensor
from rnnviz.network.layer import Layer


@dataclass(frozen=True, eq=False)
class Linear:
    """Products with a layer's weights, the gates' columns side by side in one matrix.

    weights  by name, in the back end's arrays and this type; Torch's keep their gradient.
    """

    layer: Layer
    backend: Backend
    dtype: np.dtype[Any]
    weights: Mapping[str, Tensor]

    @staticmethod
    def of(layer: Layer, backend: Backend, dtype: np.dtype[Any]) -> Linear:
        """The layer's own weights."""
        weights = {name: backend.array(array, dtype) for name, array in layer.weights.items()}
        return Linear(layer, backend, dtype, weights)

    def inputs(self, values: Tensor) -> dict[str, Tensor]:
        """`W_x x_t + b` by gate, (time, batch, unit) or (batch, unit) as the values are."""
        weights, bias = self._input
        return self.split(values @ weights + bias, self._reading)

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """Gates whose recurrent product can be taken before the step."""
        return tuple(g.name for g in self.layer.cell.gates if g.recurrence == "outside")

    @cached_property
    def recurrent(self) -> tuple[Tensor, Tensor]:
        """`W_h` (unit, gate·unit) and `b_h` (gate·unit,) of the gates outside."""
        return self.matrix("h", self.outside), self.bias("bh", self.outside)

    @cached_property
    def inside(self) -> dict[str, tuple[Tensor, Tensor]]:
        """`W_h` and `b_h` by gate, for the gates whose product the step takes itself."""
        names = [g.name for g in self.layer.cell.gates if g.recurrence == "inside"]
        return {name: (self.matrix("h", (name,)), self.bias("bh", (name,))) for name in names}

    @cached_property
    def extra_params(self) -> dict[str, Tensor]:
        """Peepholes and extra weights of the cell by name, zeros where the layer has none."""
        cell = self.layer.cell
        extra = (*cell.extra_params, *(p for p in cell.params if p.name.endswith(".p")))
        return {p.name: self._or_zeros(p.name, p.axes) for p in extra}

    def recurrent_products(self, hidden: Tensor) -> RecurrentProducts:
        """Products with the hidden state h_{t-1} (batch, unit)."""
        if not self.outside:
            return RecurrentProducts(self, {})
        weights, bias = self.recurrent
        return RecurrentProducts(self, self.split(hidden @ weights + bias, self.outside))

    def matrix(self, role: str, gates: tuple[str, ...]) -> Tensor:
        """Weights of some gates, (column, gate·unit): a row times this is their product."""
        weights = [self.weights[f"{gate}.{role}"] for gate in gates]
        # Those of a one-to-one recurrence are the diagonal alone.
        square = [self.backend.diagonal(w) if w.ndim == 1 else w for w in weights]
        return self.backend.stack_transposed(square)

    def bias(self, role: str, gates: tuple[str, ...]) -> Tensor:
        """Biases of some gates, (gate·unit,), zeros where the cell has none of that role."""
        return self.backend.join([self._bias(f"{gate}.{role}") for gate in gates])

    def split(self, stacked: Tensor, gates: tuple[str, ...]) -> dict[str, Tensor]:
        """Views (…, unit) by gate into columns (…, gate·unit)."""
        n = self.layer.n_units
        return {gate: stacked[..., i * n : (i + 1) * n] for i, gate in enumerate(gates)}

    @cached_property
    def _reading(self) -> tuple[str, ...]:
        """Gates with weights for the input."""
        return tuple(gate.name for gate in self.layer.cell.gates if gate.reads_input)

    @cached_property
    def _input(self) -> tuple[Tensor, Tensor]:
        return self.matrix("x", self._reading), self.bias("b", self._reading)

    def _bias(self, name: str) -> Tensor:
        # An extra weight may be called a bias and be added elsewhere, as after normalisation.
        if any(param.name == name for param in self.layer.cell.extra_params):
            return self.backend.zeros((self.layer.n_units,), self.dtype)
        return self._or_zeros(name, ("unit",))

    def _or_zeros(self, name: str, axes: tuple[str, ...]) -> Tensor:
        if name in self.weights:
            return self.weights[name]
        return self.backend.zeros(tuple(self.layer.sizes[axis] for axis in axes), self.dtype)


@dataclass(frozen=True, eq=False)
class RecurrentProducts:
    """`W_h h_{t-1} + b_h` by gate, and the products that a step takes itself."""

    linear: Linear
    outside: Mapping[str, Tensor]

    def __getitem__(self, gate: str) -> Tensor:
        return self.outside[gate]

    def product(self, gate: str, vector: Tensor) -> Tensor:
        """`W_h vector + b_h` of a gate inside."""
        weights, bias = self.linear.inside[gate]
        return vector @ weights + bias

    def weight(self, name: str) -> Tensor:
        """An extra weight of the cell, zeros where the layer has none."""
        return self.linear.extra_params[name]
