"""A layer's step with its exact derivative, of any number of rows at once.

The step of a cell is written once; here the functions it is handed compute derivatives too. Rows
are independent, so all steps of a run are linearised together, each from the states it began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Function
from rnnviz.core.cell import Signals
from rnnviz.core.gate_activations import Activations, Clamps, activation_functions
from rnnviz.core.linearised import Linearised, Seed, linearising_backend
from rnnviz.engine.linear import Linear
from rnnviz.network.layer import Layer

INPUT = "x"
"""Name of the seed that stands for what the layer reads; all others are states."""


@dataclass(frozen=True, eq=False)
class LinearisedStep:
    """One timestep of a layer in float64, with derivatives by the states before and the input.

    >>> import rnnviz as rv
    >>> layer = rv.random_model("gru", n_inputs=1, n_units=2).layers[0]
    >>> step = LinearisedStep(layer)
    >>> before = step.seeded({"hidden": np.zeros((4, 2))})
    >>> step(before, np.zeros((4, 1)))["hidden"].shape
    (4, 2)
    """

    layer: Layer

    def __call__(
        self, before: Mapping[str, Linearised], x: Array, clamps: Clamps | None = None
    ) -> Signals:
        """Signals (row, unit) by name, each a Linearised.

        before  states, as `seeded` makes them.
        x       (row, input).
        clamps  gates that an intervention clamps (`Activations.clamps`).
        """
        backend = linearising_backend()
        gate = Activations(self._functions, backend, self.layer.clip, clamps=clamps or {})
        read = Linearised(x, {Seed(INPUT): 1.0})
        products = {
            one.name: read @ self._weight(f"{one.name}.x").T + self._bias(f"{one.name}.b")
            for one in self.layer.cell.gates
            if one.reads_input
        }
        recurrence = _Recurrence(self, before["hidden"])
        return self.layer.cell.step(products, recurrence, before, gate, backend)

    def seeded(self, states: Mapping[str, Array]) -> dict[str, Linearised]:
        """States (row, unit) as those by which is differentiated."""
        return {
            name: Linearised(np.asarray(value, np.float64), {Seed(name): 1.0})
            for name, value in states.items()
        }

    def recurrent(self, gate: str, vector: Linearised) -> Linearised:
        """`W_h vector + b_h` of a gate, whose W_h may be diagonal."""
        weight, bias = self._weight(f"{gate}.h"), self._bias(f"{gate}.bh")
        product: Linearised = vector * weight if weight.ndim == 1 else vector @ weight.T
        moved: Linearised = product + bias
        return moved

    @cached_property
    def extra_params(self) -> Mapping[str, Array]:
        """Peepholes and extra weights of the cell by name, zeros where the layer has none."""
        linear = Linear.of(self.layer, linearising_backend(), np.dtype(np.float64))
        return linear.extra_params

    @cached_property
    def _functions(self) -> Mapping[str, Function]:
        return activation_functions(self.layer.activation_names, linearising_backend())

    @cached_property
    def _weights(self) -> dict[str, Array]:
        return {name: w.astype(np.float64) for name, w in self.layer.weights.items()}

    def _weight(self, name: str) -> Array:
        return self._weights[name]

    def _bias(self, name: str) -> Array | float:
        extra = {param.name for param in self.layer.cell.extra_params}
        return 0.0 if name in extra else self._weights.get(name, 0.0)


@dataclass(frozen=True, eq=False)
class _Recurrence:
    """Recurrent products of one step (`rnnviz.core.cell.Recurrence`)."""

    step: LinearisedStep
    hidden: Linearised

    def __getitem__(self, gate: str) -> Linearised:
        return self.step.recurrent(gate, self.hidden)

    def product(self, gate: str, vector: Linearised) -> Linearised:
        return self.step.recurrent(gate, vector)

    def weight(self, name: str) -> Array:
        return self.step.extra_params[name]
