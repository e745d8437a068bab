"""A layer's step as a map of its states, joined, while it reads one and the same input.

s ↦ F(s, x),   s = (hidden, cell) of an LSTM, and its Jacobian ∂F/∂s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from rnnviz.analysis.linearised_step import LinearisedStep
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signals
from rnnviz.core.derivative_block import BlockMaker
from rnnviz.network.layer import Layer


@dataclass(frozen=True, eq=False)
class StateMap:
    """Map of joined states (point, state) under one input.

    input  (input,), what the layer reads at every step.

    >>> import rnnviz as rv
    >>> layer = rv.random_model("lstm", n_inputs=1, n_units=2).layers[0]
    >>> after, jacobian = StateMap(layer, np.zeros(1)).linearised(np.zeros((3, 4)))
    >>> after.shape, jacobian.shape
    ((3, 4), (3, 4, 4))
    """

    layer: Layer
    input: Array

    @cached_property
    def places(self) -> Mapping[str, slice]:
        """Places of each state among the joined ones, in the order of the cell's states."""
        names = self.layer.cell.states
        ends = list(accumulate(map(self.layer.width, names), initial=0))
        return {n: slice(*ends[i : i + 2]) for i, n in enumerate(names)}

    @property
    def size(self) -> int:
        """Numbers of all states together."""
        return sum(map(self.layer.width, self.layer.cell.states))

    def after(self, states: Array) -> Array:
        """States one step later."""
        return self._joined(self._signals(states))

    def linearised(self, states: Array) -> tuple[Array, Array]:
        """States one step later, and the Jacobian (point, state, state before)."""
        signals = self._signals(states)
        jacobian = np.zeros((len(states), self.size, self.size))
        for before, columns in self.places.items():
            maker = BlockMaker(before)
            for name, rows in self.places.items():
                maker.block(signals[name]).write(jacobian[:, rows, columns])
        return self._joined(signals), jacobian

    def _signals(self, states: Array) -> Signals:
        before = {name: states[:, place] for name, place in self.places.items()}
        x = np.broadcast_to(np.asarray(self.input, np.float64), (len(states), len(self.input)))
        # States far away may grow beyond every number; they are then no better than those before.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._step(self._step.seeded(before), x)

    def _joined(self, signals: Signals) -> Array:
        return np.concatenate([signals[name].value for name in self.places], axis=1)

    @cached_property
    def _step(self) -> LinearisedStep:
        return LinearisedStep(self.layer)
