"""What interventions do to one layer, step by step, in the order in which it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Clamps, Signals
from rnnviz.interventions.types import (
    AddToState,
    ChangeWeight,
    Clamp,
    Intervention,
    Reset,
    SetState,
    Silence,
)
from rnnviz.network.layer import Layer

StateChange = SetState | AddToState | Reset


@dataclass(frozen=True, eq=False)
class Acting:
    """Interventions at work on one layer; where they do nothing, a step is computed as ever.

    initial    the layer's states before its first step, (batch, unit).
    positions  (time, batch): which token a row reads, −1 where a row that reads backward has ended.
    """

    layer: Layer
    interventions: tuple[Intervention, ...]
    positions: Array
    backend: Backend
    initial: Mapping[str, Tensor]

    def clamps(self, t: int) -> Clamps:
        """The gates that are clamped at the t-th step that is read, in the list's order."""
        found: dict[str, tuple[tuple[Tensor, float], ...]] = {}
        for one, at in self._at(t):
            if isinstance(one, Clamp):
                where = self._where(at, one.units, self.layer.width(one.gate))
                name = self._name(one.gate)
                found[name] = (*found.get(name, ()), (where, one.value))
        return found

    def before(self, t: int, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The states (batch, unit) that the step starts from."""
        for one, at in self._at(t):
            if isinstance(one, StateChange):
                state = {**state, **self._changed(one, at, state)}
        return state

    def after(self, t: int, signals: Signals) -> Signals:
        """The step's signals, a silenced unit's hidden number 0."""
        for one, at in self._at(t):
            if isinstance(one, Silence):
                hidden = signals["hidden"]
                where = self._where(at, one.units, self.layer.n_hidden)
                zero = self.backend.full(0.0, hidden)
                signals = {**signals, "hidden": self.backend.where(where, zero, hidden)}
        return signals

    @cached_property
    def begins(self) -> Array:
        """Per row (batch,) the first step read that anything touches; past the end if none is."""
        touched = np.any([at for _, at in self._everywhere], axis=0)
        begun: Array = np.where(touched.any(axis=0), touched.argmax(axis=0), len(self.positions))
        return begun

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The states that are changed between two steps."""
        changes = [one for one, _ in self._everywhere if isinstance(one, StateChange)]
        named = {name for one in changes for name in self._names(one)}
        return tuple(name for name in self.layer.cell.states if name in named)

    @cached_property
    def _everywhere(self) -> list[tuple[Intervention, Array]]:
        """Each intervention, and where (time, batch) it acts."""
        return [(one, self._touches(one)) for one in self.interventions]

    def _touches(self, one: Intervention) -> Array:
        step, row = getattr(one, "step", None), getattr(one, "row", None)
        start, stop = getattr(one, "start", None) or 0, getattr(one, "stop", None)
        at = (self.positions >= start) & (self.positions < (np.inf if stop is None else stop))
        if step is not None:
            at = self.positions == step
        touched: Array = at & (row is None or np.arange(at.shape[1]) == row)
        return touched

    def _at(self, t: int) -> list[tuple[Intervention, Array]]:
        """Those that do something at the t-th step, and to which rows (batch,)."""
        return [(one, at[t]) for one, at in self._everywhere if at[t].any()]

    def _changed(
        self, one: StateChange, at: Array, state: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        backend = self.backend
        units = None if isinstance(one, Reset) else one.units
        changed = {}
        for name in self._names(one):
            old = state[name]
            if isinstance(one, Reset):
                new = self.initial[name]
            else:
                new = backend.full(one.value, old)
                new = old + new if isinstance(one, AddToState) else new
            changed[name] = backend.where(self._where(at, units, old.shape[1]), new, old)
        return changed

    def _names(self, one: StateChange) -> tuple[str, ...]:
        return self.layer.cell.states if isinstance(one, Reset) else (one.state,)

    def _where(self, at: Array, units: object, width: int) -> Tensor:
        """(batch, unit)."""
        chosen = np.full(width, units is None)
        if units is not None:
            chosen[np.asarray(units)] = True
        return self.backend.array(at[:, None] & chosen, np.dtype(bool))

    def _name(self, gate: str) -> str:
        more = {g.name for g in self.layer.cell.gates if g.shift}
        return f"hook:{gate}" if gate in more else gate


def acting(
    layer: Layer,
    index: int,
    interventions: Iterable[Intervention],
    positions: Array,
    backend: Backend,
    initial: Mapping[str, Tensor],
) -> Acting | None:
    """Those of the interventions that act on a layer by its number; None where none does."""
    own = tuple(
        one
        for one in interventions
        if not isinstance(one, ChangeWeight) and one.layer in (None, index)
    )
    return Acting(layer, own, positions, backend, initial) if own else None
