"""The player and its cursor, and what the server learns when the cursor settles."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rnnviz.analysis.panels import Panels
from rnnviz.cells import CELLS
from rnnviz.ui import state
from rnnviz.ui.player.cursor_sync import cursor_sync
from rnnviz.ui.player.player import player

_CURSOR = "cursor_sync"


def cursor(whole: Panels, name: str, group: str) -> None:
    """The player over the chart of a group, with the numbers of the whole layer."""
    player(
        whole,
        name=name,
        key="player",
        group=group,
        step=state.cursor_step(),
        jump=state.n_cursor_moves(),
        language=state.language(),
    )


def settled_cursor(panels: Panels, group: str) -> tuple[int, str, int]:
    """Step, signal and unit where the cursor settled; in a fragment, that reruns only it.

    The step is counted in the panels, which may be a window of a longer sequence.
    """
    signal, unit = _picked(panels)
    chosen = state.cursor_step()
    step = None if chosen is None else chosen - panels.start
    on_settled = partial(_on_settled, panels.start, panels.whole, f"{signal}.{unit}")
    cursor_sync(
        key=_CURSOR, playhead=group, step=step, signal=signal, unit=unit, on_settled=on_settled
    )
    last = panels.n_steps - 1
    return last if step is None else max(0, min(step, last)), signal, unit


def _picked(panels: Panels) -> tuple[str, int]:
    """The picked signal and unit, or the first that is drawn, or the cell's first."""
    signal, _, unit = state.picked_unit().rpartition(".")
    drawn = {p.signal.name: p.units for p in panels.panels if not p.has_own_axis}
    if not drawn:
        return CELLS[panels.cell].gates[0].name, 0
    name = signal if signal in drawn else next(iter(drawn))
    return name, int(unit if unit in drawn[name] else drawn[name][0])


def _on_settled(start: int, whole: int, shown: str) -> None:
    cursor = st.session_state[_CURSOR].get("cursor")
    step, picked = start + cursor["step"], f"{cursor['signal']}.{cursor['unit']}"
    # The last step is the default, and so is what is shown unpicked: the link need not say it.
    pick = state.picked_unit() if picked == shown else picked
    state.put(step=None if step >= whole - 1 else step, pick=pick)
