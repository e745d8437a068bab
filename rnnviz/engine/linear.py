"""A layer's products with its weights: one linear part for tracing, training and the kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.core.backend import Backend, Tensor, get_backend
from rnnviz.network.layer import Layer


@dataclass(frozen=True, eq=False)
class Linear:
    """Products with a layer's weights, the gates' columns side by side in one matrix.

    backend  of the products, in this type.
    weights  by name; those of Torch keep their gradient.
    source   the back end that the weights are in: stacked there, they are converted once.
    """

    layer: Layer
    backend: Backend
    dtype: np.dtype[Any]
    weights: Mapping[str, Tensor]
    source: Backend

    @staticmethod
    def of(layer: Layer, backend: Backend, dtype: np.dtype[Any]) -> Linear:
        """The layer's own weights."""
        return Linear(layer, backend, dtype, layer.weights, get_backend("numpy"))

    def inputs(self, values: Tensor) -> dict[str, Tensor]:
        """`W_x x_t + b` by gate, (time, batch, unit) or (batch, unit) as the values are."""
        weights, bias = self.input
        return self.split(values @ weights + bias, self.reading)

    @cached_property
    def reading(self) -> tuple[str, ...]:
        """Gates with weights for the input."""
        return tuple(gate.name for gate in self.layer.cell.gates if gate.reads_input)

    @cached_property
    def input(self) -> tuple[Tensor, Tensor]:
        """`W_x` (input, gate·unit) and `b` (gate·unit,) of the gates that read the input."""
        return self.matrix("x", self.reading), self.bias("b", self.reading)

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
        return {p.name: self.tensor(self._or_zeros(p.name, p.axes)) for p in extra}

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
        square = [self.source.diagonal(w) if w.ndim == 1 else w for w in weights]
        return self.tensor(self.source.stack_transposed(square))

    def bias(self, role: str, gates: tuple[str, ...]) -> Tensor:
        """Biases of some gates, (gate·unit,), zeros where the cell has none of that role."""
        # An extra weight may be called a bias and be added elsewhere, as after normalisation.
        extra = {param.name for param in self.layer.cell.extra_params}
        zeros = self.source.zeros((self.layer.n_units,), self.dtype)
        names = [f"{gate}.{role}" for gate in gates]
        biases = [zeros if n in extra else self.weights.get(n, zeros) for n in names]
        return self.tensor(self.source.join(biases))

    def tensor(self, values: Tensor) -> Tensor:
        """Numbers as the back end's array, in the linear part's type."""
        return self.backend.array(values, self.dtype)

    def split(self, stacked: Tensor, gates: tuple[str, ...]) -> dict[str, Tensor]:
        """Views (…, unit) by gate into columns (…, gate·unit)."""
        n = self.layer.n_units
        return {gate: stacked[..., i * n : (i + 1) * n] for i, gate in enumerate(gates)}

    def _or_zeros(self, name: str, axes: tuple[str, ...]) -> Tensor:
        if name in self.weights:
            return self.weights[name]
        return self.source.zeros(tuple(self.layer.sizes[axis] for axis in axes), self.dtype)


# Not frozen, because one is made at every step and a frozen class takes several times as long.
@dataclass(eq=False, slots=True)
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
