"""One layer at work on one sequence, in its own reading order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Function, Tensor
from rnnviz.core.cell import Activations, Signals, functions
from rnnviz.core.sequence import Sequence, has_equal_lengths
from rnnviz.engine.linear import Linear, Recurrence
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer

if TYPE_CHECKING:
    from rnnviz.interventions.hooks import Acting
    from rnnviz.interventions.types import Intervention


@dataclass(frozen=True, eq=False)
class Part:
    """Where in a longer sequence a part of it stands.

    start    the number (from 0) of its first step.
    n_steps  of the whole, which decide the road, so that every part takes the whole's.
    before   the states that its reading goes on from, (batch, unit); empty for the layer's own.
    """

    start: int
    n_steps: int
    before: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LayerRunner:
    """One layer at work on one sequence, in its own reading order."""

    layer: Layer
    backend: Backend
    dtype: np.dtype[Any]
    sequence: Sequence
    part: Part | None = None
    index: int = 0
    interventions: tuple[Intervention, ...] = ()
    linear: Linear = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "linear", Linear(self.layer, self.backend, self.dtype))

    @cached_property
    def acting(self) -> Acting | None:
        """What is done to this layer while it reads; None for nothing."""
        if not self.interventions:
            return None
        from rnnviz.interventions.hooks import acting

        of = (self.layer, self.index, self.interventions)
        return acting(*of, self.positions(), self.backend, self.start())

    def start(self) -> dict[str, Tensor]:
        """The states before the first step, (batch, unit)."""
        return self._start

    @cached_property
    def _start(self) -> dict[str, Tensor]:
        given = self.part.before if self.part is not None else {}
        states = given or initial_states(self.layer, self.sequence.n_rows)
        return {name: self.backend.array(state, self.dtype) for name, state in states.items()}

    def before(self, t: int, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The states that the t-th step starts from, given those that the last one left."""
        return state if self.acting is None else self.acting.before(t, state)

    def step(
        self, t: int, x: Mapping[str, Tensor], state: Mapping[str, Tensor]
    ) -> tuple[Signals, Signals]:
        """The t-th timestep that is read: the cell's signals, and each gate's drive."""
        held = {} if self.acting is None else self.acting.held(t)
        gate = Activations(self.functions, self.backend, self.layer.clip, held=held)
        recurrent = Recurrence(self.linear, state["hidden"])
        signals = self.layer.cell.step(x, recurrent, state, gate, self.backend)
        return signals if self.acting is None else self.acting.after(t, signals), gate.drives

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The activation of every gate, and of the cell state, by name."""
        return functions(self.layer.every_activation, self.backend)

    def read(
        self, values: Tensor, keep_drives: bool = False, known: Mapping[str, Array] | None = None
    ) -> tuple[Signals, Signals, Signals]:
        """All signals and drives (time, batch, unit), aligned with the tokens; zero at padding.

        Third the states that steps started from, of those that are changed between two steps.
        known  the signals in reading order as they are while nothing is touched: kept until then.
        """
        products = self.linear.inputs(self.turned(values))
        state: Mapping[str, Tensor] = self.start()
        seen: list[tuple[Signals, Signals, Signals]] = []
        for t in range(self.sequence.n_steps):
            state = self.before(t, state)
            signals, drives = self.step(t, {gate: x[t] for gate, x in products.items()}, state)
            if known is not None:
                signals = self._kept(t, signals, known)
            started = {} if self.acting is None else {n: state[n] for n in self.acting.states}
            seen.append((signals, drives if keep_drives else {}, started))
            state = signals
        every = ([one[part] for one in seen] for part in range(3))
        signals, drives, started = map(self._gathered, every)
        return signals, drives, started

    def _kept(self, t: int, signals: Signals, known: Mapping[str, Array]) -> Signals:
        """Another road's bits in the rows that nothing has touched yet."""
        assert self.acting is not None
        is_touched = (t >= self.acting.begins)[:, None]
        return {name: np.where(is_touched, now, known[name][t]) for name, now in signals.items()}

    def _gathered(self, seen: list[Signals]) -> Signals:
        real = self.backend.array(self.sequence.is_real[:, :, None], self.dtype)
        stacked = {name: self.backend.stack([one[name] for one in seen]) for name in seen[0]}
        return {name: self.turned(array * real) for name, array in stacked.items()}

    def turned(self, values: Tensor) -> Tensor:
        """Each row's real steps back to front for a backward layer; its own inverse."""
        if self.layer.direction == "forward":
            return values
        if has_equal_lengths(self.sequence) and isinstance(values, np.ndarray):
            return values[::-1]
        return values[self.positions(), np.arange(self.sequence.n_rows)]

    def positions(self) -> Array:
        """Which token each row reads at each step, (time, batch)."""
        time = np.arange(self.sequence.n_steps)[:, None]
        last = np.asarray(self.sequence.lengths) - 1
        is_backward = self.layer.direction == "backward"
        return np.where((time <= last) & is_backward, last - time, time)


def initial_states(layer: Layer, n_rows: int) -> dict[str, Array]:
    """The states a layer starts from, (batch, unit), zeros where none is given.

    Raises ModelError when they are given for another number of rows.
    """
    states = {}
    for name in layer.cell.states:
        width = layer.width(name)
        if name not in layer.initial:
            states[name] = np.zeros((n_rows, width))
            continue
        given = layer.initial[name]
        if given.ndim > 2 or (given.ndim == 2 and len(given) not in (1, n_rows)):
            raise ModelError(
                "{layer}: the initial {state} is for {came} rows, but the sequence has {wanted}.",
                layer=layer.title,
                state=name,
                came=len(given),
                wanted=n_rows,
            )
        states[name] = np.broadcast_to(given, (n_rows, width))
    return states
