"""Hooks by which interventions act on one layer, step by step in its reading order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Signals
from rnnviz.core.gate_activations import Clamps
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
class InterventionHooks:
    """Interventions on one layer; a step that they do not touch is computed without them.

    initial    the layer's states before its first step, (batch, unit).
    positions  (time, batch): the token that a row reads, −1 where a row that reads backward ended.
    rows       (batch,): numbers of the rows where they are not 0, 1, 2, …, as where all steps are
               computed at once.
    """

    layer: Layer
    interventions: tuple[Intervention, ...]
    positions: Array
    backend: Backend
    initial: Mapping[str, Tensor]
    rows: Array | None = None

    def clamps(self, t: int) -> Clamps:
        """Clamped gates of step t in reading order, in the order of the interventions."""
        found: dict[str, tuple[tuple[Tensor, float], ...]] = {}
        for intervention, rows in self._acting(t):
            if isinstance(intervention, Clamp):
                gate = intervention.gate
                where = self._mask(rows, intervention.units, self.layer.width(gate))
                name = hook_name(self.layer, gate)
                found[name] = (*found.get(name, ()), (where, intervention.value))
        return found

    def before(self, t: int, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """States (batch, unit) that step t starts from."""
        for intervention, rows in self._acting(t):
            if isinstance(intervention, StateChange):
                state = {**state, **self._changed(intervention, rows, state)}
        return state

    def after(self, t: int, signals: Signals) -> Signals:
        """Signals of step t, the hidden number of a silenced unit set to 0."""
        for intervention, rows in self._acting(t):
            if isinstance(intervention, Silence):
                hidden = signals["hidden"]
                where = self._mask(rows, intervention.units, self.layer.n_hidden)
                zero = self.backend.full(0.0, hidden)
                signals = {**signals, "hidden": self.backend.where(where, zero, hidden)}
        return signals

    @cached_property
    def first_touched(self) -> Array:
        """First step that an intervention touches, by row (batch,); past the end for none."""
        touched = np.any([places for _, places in self._places], axis=0)
        first: Array = np.where(touched.any(axis=0), touched.argmax(axis=0), len(self.positions))
        return first

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The states that are changed between two steps."""
        changes = [one for one in self.interventions if isinstance(one, StateChange)]
        named = {name for change in changes for name in self._states_of(change)}
        return tuple(name for name in self.layer.cell.states if name in named)

    @cached_property
    def _places(self) -> list[tuple[Intervention, Array]]:
        """Each intervention with the places (time, batch) where it acts."""
        return [(one, self._places_of(one)) for one in self.interventions]

    def _places_of(self, intervention: Intervention) -> Array:
        step, row = getattr(intervention, "step", None), getattr(intervention, "row", None)
        start = getattr(intervention, "start", None) or 0
        stop = getattr(intervention, "stop", None)
        at = (self.positions >= start) & (self.positions < (np.inf if stop is None else stop))
        if step is not None:
            at = self.positions == step
        rows = np.arange(at.shape[1]) if self.rows is None else self.rows
        places: Array = at & (row is None or rows == row)
        return places

    def _acting(self, t: int) -> list[tuple[Intervention, Array]]:
        """Interventions that act at step t, with their rows (batch,)."""
        return [(one, places[t]) for one, places in self._places if places[t].any()]

    def _changed(
        self, change: StateChange, rows: Array, state: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        backend = self.backend
        units = None if isinstance(change, Reset) else change.units
        changed = {}
        for name in self._states_of(change):
            old = state[name]
            if isinstance(change, Reset):
                new = self.initial[name]
            else:
                new = backend.full(change.value, old)
                new = old + new if isinstance(change, AddToState) else new
            changed[name] = backend.where(self._mask(rows, units, old.shape[1]), new, old)
        return changed

    def _states_of(self, change: StateChange) -> tuple[str, ...]:
        return self.layer.cell.states if isinstance(change, Reset) else (change.state,)

    def _mask(self, rows: Array, units: object, width: int) -> Tensor:
        """Chosen units of the rows, (batch, unit)."""
        chosen = np.full(width, units is None)
        if units is not None:
            chosen[np.asarray(units)] = True
        return self.backend.array(rows[:, None] & chosen, np.dtype(bool))


def hook_name(layer: Layer, gate: str) -> str:
    """Name under which a step asks for a gate's clamps: the cell's own, or "hook:gate"."""
    shifted = {one.name for one in layer.cell.gates if one.shift}
    return f"hook:{gate}" if gate in shifted else gate


def hooks_for(
    layer: Layer,
    index: int,
    interventions: Iterable[Intervention],
    positions: Array,
    backend: Backend,
    initial: Mapping[str, Tensor],
    rows: Array | None = None,
) -> InterventionHooks | None:
    """Hooks of the interventions on the layer with this number; None where there are none."""
    on_layer = tuple(
        one
        for one in interventions
        if not isinstance(one, ChangeWeight) and one.layer in (None, index)
    )
    if not on_layer:
        return None
    return InterventionHooks(layer, on_layer, positions, backend, initial, rows)
