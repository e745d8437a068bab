"""Target of the next intervention: a layer, its units and its steps, as the editor is set."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.controls.cursor import last_read
from rnnviz.ui.controls.gate_holds import from_here


@dataclass(frozen=True)
class InterventionTarget:
    """Target of the next intervention: a layer of a run; `first` is its first drawn unit."""

    layer: int
    n_units: int
    n_hidden: int
    n_steps: int
    first: int
    direction: str

    @property
    def step(self) -> int:
        """The cursor's step."""
        step = state.cursor_step()
        last = last_read(0, self.n_steps, self.direction)
        return last if step is None else min(int(step), self.n_steps - 1)

    @property
    def picked(self) -> int:
        """The unit that is picked in the picture."""
        unit = state.picked_unit().rpartition(".")[2]
        return int(unit) if unit.isdigit() and int(unit) < self.n_units else self.first

    @property
    def units(self) -> tuple[int, ...] | None:
        """Units of the next intervention, None for all."""
        how = state.get("do_units")
        return (self.picked,) if how == "picked" else (self.some or None) if how == "some" else None

    @property
    def some(self) -> tuple[int, ...]:
        """Units that were chosen one by one."""
        return tuple(int(unit) for unit in st.session_state.get(self.some_key, ()))

    @property
    def some_key(self) -> str:
        """Key of the list of units, another for every number of them."""
        return f"do_some_{self.n_units}"

    @property
    def span_key(self) -> str:
        """Key of the slider over the steps, another for every number of them."""
        return f"do_span_{self.n_steps}"

    @property
    def span(self) -> dict[str, int]:
        """Steps of the next intervention, `start` and `stop`; without them all."""
        how = state.get("do_steps")
        if how == "cursor":
            return from_here(self.step, self.direction)
        if how == "span" and self.n_steps > 1:
            first, last = st.session_state.get(self.span_key, (1, self.n_steps))
            return {"start": first - 1, "stop": last}
        return {}
