"""Where the reader stands: the player, and what the server learns when the cursor rests."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rnnviz.analysis.panels import Panels
from rnnviz.cells import CELLS
from rnnviz.ui import state
from rnnviz.ui.player.cursor_sync import cursor_sync
from rnnviz.ui.player.player import player

_CURSOR = "cursor_sync"


def stepping(whole: Panels, name: str, group: str) -> None:
    """The player over the chart of a group, and the numbers of the whole layer."""
    player(
        whole,
        name=name,
        key="player",
        group=group,
        step=state.get("step"),
        jump=state.jumps(),
        language=state.get("lang"),
    )


def resting(panels: Panels, group: str) -> tuple[int, str, int]:
    """Step, signal and unit where the reader came to rest; in a fragment, a rest reruns only it.

    The step is counted in the panels, which may be a window of a longer sequence.
    """
    signal, unit = _picked(panels)
    step = state.get("step")
    here = None if step is None else step - panels.start
    settled = partial(_settled, panels.start, panels.whole, f"{signal}.{unit}")
    cursor_sync(
        key=_CURSOR, playhead=group, step=here, signal=signal, unit=unit, on_settled=settled
    )
    last = panels.n_steps - 1
    return last if here is None else max(0, min(here, last)), signal, unit


def _picked(panels: Panels) -> tuple[str, int]:
    """The picked signal and unit, or the first that is drawn, or the cell's first."""
    signal, _, unit = str(state.get("pick")).rpartition(".")
    drawn = {p.signal.name: p.units for p in panels.panels if not p.has_own_axis}
    if not drawn:
        return CELLS[panels.cell].gates[0].name, 0
    name = signal if signal in drawn else next(iter(drawn))
    return name, int(unit if unit in drawn[name] else drawn[name][0])


def _settled(start: int, whole: int, shown: str) -> None:
    cursor = st.session_state[_CURSOR].get("cursor")
    step, pick = start + cursor["step"], f"{cursor['signal']}.{cursor['unit']}"
    # The last step is the default, and so is what is shown unpicked: the link need not say it.
    state.rest(
        None if step >= whole - 1 else step, str(state.get("pick")) if pick == shown else pick
    )
