"""Activation functions of a layer's gates during one step, clipped and clamped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnviz.core.activations import LOGARITHMS, activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Function, Tensor

Clamps = Mapping[str, tuple[tuple[Tensor, float | Array], ...]]


def _itself(number: float | Array) -> float | Array:
    return number


def _log(number: float | Array) -> Tensor:
    with np.errstate(divide="ignore"):
        return np.log(number)


# Not frozen, because one is made at every step and a frozen class takes several times as long.
@dataclass(eq=False, slots=True)
class Activations:
    """A layer's activation functions during one step; `preactivations` keeps what each was given.

    functions  by gate, by "log:gate" where the logarithm is known, and by "cell_activation".
    clip       preactivations are clipped to ± this before their activation, None for not at all.
    clamps     by gate, or "hook:gate" where it is more than its activation, where (batch, unit)
               it is clamped and to what number, or in NumPy to which numbers (batch, unit).
    """

    functions: Mapping[str, Function]
    backend: Backend
    clip: float | None
    preactivations: dict[str, Tensor] = field(default_factory=dict)
    clamps: Clamps = field(default_factory=dict)

    def __call__(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate (batch, unit) of a preactivation."""
        return self._clamped(name, self.functions[name](self._clipped(name, preactivation)))

    def log(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate's logarithm (batch, unit) of a preactivation."""
        logarithm = self.functions[f"log:{name}"](self._clipped(name, preactivation))
        return self._clamped(name, logarithm, _log)

    def hook(self, name: str, value: Tensor) -> Tensor:
        """A gate (batch, unit) that is more than its activation."""
        return self._clamped(f"hook:{name}", value)

    def cell_activation(self, state: Tensor) -> Tensor:
        """The layer's activation of the cell state."""
        return self.functions["cell_activation"](state)

    def _clamped(
        self, name: str, value: Tensor, of: Callable[[float | Array], Tensor] = _itself
    ) -> Tensor:
        for where, number in self.clamps.get(name, ()):
            value = self.backend.where(where, self.backend.full(of(number), value), value)
        return value

    def _clipped(self, name: str, preactivation: Tensor) -> Tensor:
        self.preactivations[name] = preactivation
        if self.clip is None:
            return preactivation
        return self.backend.clip(preactivation, -self.clip, self.clip)


def activation_functions(chosen: Mapping[str, str], backend: Backend) -> dict[str, Function]:
    """Functions of the chosen activations by gate, and of their logarithms where known."""
    logarithms = {
        f"log:{gate}": activation(LOGARITHMS[name], backend)
        for gate, name in chosen.items()
        if name in LOGARITHMS
    }
    return {gate: activation(name, backend) for gate, name in chosen.items()} | logarithms
