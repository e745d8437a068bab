"""One layer reading one sequence, step by step, in its own direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Function, Tensor
from rnnviz.core.cell import Signals
from rnnviz.core.gate_activations import Activations, Clamps, activation_functions
from rnnviz.core.sequence import Sequence, has_equal_lengths
from rnnviz.engine.linear import Linear
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer

if TYPE_CHECKING:
    from rnnviz.interventions.hooks import InterventionHooks
    from rnnviz.interventions.types import Intervention


@dataclass(frozen=True, eq=False)
class LayerStep:
    """One timestep of a layer: its products, its activations and its cell's equation."""

    linear: Linear

    def __call__(
        self, x: Mapping[str, Tensor], state: Mapping[str, Tensor], clamps: Clamps | None = None
    ) -> tuple[Signals, Signals]:
        """Signals and preactivations (batch, unit) by name.

        x       `W_x x_t + b` by gate.
        state   the states before the step.
        clamps  gates that an intervention clamps (`Activations.clamps`).
        """
        layer, backend = self.linear.layer, self.linear.backend
        gate = Activations(self._functions, backend, layer.clip, clamps=clamps or {})
        recurrent = self.linear.recurrent_products(state["hidden"])
        return layer.cell.step(x, recurrent, state, gate, backend), gate.preactivations

    @cached_property
    def _functions(self) -> dict[str, Function]:
        return activation_functions(self.linear.layer.activation_names, self.linear.backend)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Place of a chunk in a longer sequence.

    start        the number (from 0) of its first step.
    total_steps  of the longer sequence, which select the kernel, so that every chunk has the same.
    initial      states before its first step, (batch, unit); empty for the layer's own.
    """

    start: int
    total_steps: int
    initial: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LayerRunner:
    """A layer on a back end, reading one sequence or a chunk of one.

    index  its number in the model, by which interventions name it.
    """

    layer: Layer
    backend: Backend
    dtype: np.dtype[Any]
    sequence: Sequence
    chunk: Chunk | None = None
    index: int = 0
    interventions: tuple[Intervention, ...] = ()

    @cached_property
    def linear(self) -> Linear:
        """Products with the layer's weights."""
        return Linear.of(self.layer, self.backend, self.dtype)

    @cached_property
    def hooks(self) -> InterventionHooks | None:
        """Interventions on this layer; None where there are none."""
        if not self.interventions:
            return None
        from rnnviz.interventions.hooks import hooks_for

        on = (self.layer, self.index, self.interventions)
        return hooks_for(*on, self.positions(), self.backend, self.initial)

    @cached_property
    def initial(self) -> dict[str, Tensor]:
        """States before the first step, (batch, unit)."""
        states = self.chunk.initial if self.chunk is not None else {}
        states = states or initial_states(self.layer, self.sequence.n_rows)
        return {name: self.backend.array(state, self.dtype) for name, state in states.items()}

    def state_before(self, t: int, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """States that step t starts from: those of the last step, as interventions change them."""
        return state if self.hooks is None else self.hooks.before(t, state)

    def step(
        self, t: int, x: Mapping[str, Tensor], state: Mapping[str, Tensor]
    ) -> tuple[Signals, Signals]:
        """Signals and preactivations (batch, unit) of step t in reading order."""
        if self.hooks is None:
            return self._step(x, state)
        signals, preactivations = self._step(x, state, self.hooks.clamps(t))
        return self.hooks.after(t, signals), preactivations

    @cached_property
    def _step(self) -> LayerStep:
        return LayerStep(self.linear)

    def run(
        self,
        values: Tensor,
        keep_preactivations: bool = False,
        unchanged: Mapping[str, Array] | None = None,
    ) -> tuple[Signals, Signals, Signals]:
        """Signals, preactivations and changed states, (time, batch, unit), zero at padding.

        Changed states are those that an intervention changes between two steps, as each step
        started from them. All arrays are aligned with the tokens.

        unchanged  signals in reading order as a kernel computed them without interventions: kept
                   in every row up to the first step that an intervention touches.
        """
        products = self.linear.inputs(self.flip(values))
        state: Mapping[str, Tensor] = self.initial
        steps: list[tuple[Signals, Signals, Signals]] = []
        for t in range(self.sequence.n_steps):
            state = self.state_before(t, state)
            signals, preactivations = self.step(t, {g: x[t] for g, x in products.items()}, state)
            if unchanged is not None:
                signals = self._keep_unchanged(t, signals, unchanged)
            names = () if self.hooks is None else self.hooks.states
            changed: Signals = {name: state[name] for name in names}
            steps.append((signals, preactivations if keep_preactivations else {}, changed))
            state = signals
        signals, preactivations, changed = map(self._stack, zip(*steps, strict=True))
        return signals, preactivations, changed

    def _keep_unchanged(self, t: int, signals: Signals, unchanged: Mapping[str, Array]) -> Signals:
        assert self.hooks is not None
        is_touched = (t >= self.hooks.first_touched)[:, None]
        return {n: np.where(is_touched, now, unchanged[n][t]) for n, now in signals.items()}

    def _stack(self, steps: tuple[Signals, ...]) -> Signals:
        real = self.backend.array(self.sequence.is_real[:, :, None], self.dtype)
        stacked = {name: self.backend.stack([step[name] for step in steps]) for name in steps[0]}
        return {name: self.flip(array * real) for name, array in stacked.items()}

    def flip(self, values: Tensor) -> Tensor:
        """Values (time, batch, …) with each row's real steps reversed for a backward layer.

        Applied twice, the values are as before.
        """
        if self.layer.direction == "forward":
            return values
        if has_equal_lengths(self.sequence) and isinstance(values, np.ndarray):
            return values[::-1]
        return values[self.positions(), np.arange(self.sequence.n_rows)]

    def positions(self) -> Array:
        """Number of the token that each row reads at each step, (time, batch)."""
        time = np.arange(self.sequence.n_steps)[:, None]
        last = np.asarray(self.sequence.lengths) - 1
        is_backward = self.layer.direction == "backward"
        return np.where((time <= last) & is_backward, last - time, time)


def initial_states(layer: Layer, n_rows: int) -> dict[str, Array]:
    """States a layer starts from, (batch, unit), zeros where the layer holds none.

    Raises ModelError when the layer holds them for another number of rows.
    """
    states = {}
    for name in layer.cell.states:
        width = layer.width(name)
        if name not in layer.initial:
            states[name] = np.zeros((n_rows, width))
            continue
        state = layer.initial[name]
        if state.ndim > 2 or (state.ndim == 2 and len(state) not in (1, n_rows)):
            raise ModelError(
                "{layer}: the initial {state} is for {came} rows, but the sequence has {wanted}.",
                layer=layer.title,
                state=name,
                came=len(state),
                wanted=n_rows,
            )
        states[name] = np.broadcast_to(state, (n_rows, width))
    return states
