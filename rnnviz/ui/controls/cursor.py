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


def cursor(
    whole: Panels, name: str, group: str, *, lifted: bool = False, plays: bool = False
) -> None:
    """The player over the chart of a group, with the numbers of the whole layer.

    lifted  whether the veil is lifted while a change is looked at.
    plays   whether it plays once by itself.
    """
    player(
        whole,
        name=name,
        key="player",
        group=group,
        step=state.cursor_step(),
        jump=state.n_cursor_moves(),
        language=state.language(),
        veil=state.get("veil") == "on",
        speed=int(state.get("speed")),
        lifted=lifted,
        plays=plays,
    )


def last_read(start: int, n_steps: int, direction: str) -> int:
    """The step of a sequence, or of its part from `start` on, that a layer reads last.

    >>> last_read(0, 12, "forward"), last_read(0, 12, "backward")
    (11, 0)
    """
    return start if direction == "backward" else start + n_steps - 1


def settled_cursor(panels: Panels, group: str) -> tuple[int, str, int]:
    """Step, signal and unit where the cursor settled; in a fragment, that reruns only it.

    The step is counted in the panels, which may be a window of a longer sequence.
    """
    signal, unit = picked_in(panels)
    if state.picked_unit() not in ("", f"{signal}.{unit}"):
        # It is not among what is shown, and the address names nothing else.
        state.put(pick="")
    chosen = state.cursor_step()
    step = None if chosen is None else chosen - panels.start
    cursor_sync(
        key=_CURSOR,
        playhead=group,
        step=step,
        jump=state.n_cursor_moves(),
        signal=signal,
        unit=unit,
        veil=state.get("veil") == "on",
        speed=int(state.get("speed")),
        on_settled=partial(_on_settled, panels, f"{signal}.{unit}"),
    )
    if step is None:
        return last_read(0, panels.n_steps, panels.direction), signal, unit
    return max(0, min(step, panels.n_steps - 1)), signal, unit


def picked_in(panels: Panels) -> tuple[str, int]:
    """The picked signal and unit of panels, or the first that is drawn, or the cell's first.

    A signal without a heatmap can be picked too: in the drawing.
    """
    signal, _, unit = state.picked_unit().rpartition(".")
    cell = CELLS[panels.cell]
    drawn = [panel for panel in panels.panels if not panel.has_own_axis]
    known = {panel.signal.name for panel in drawn}
    known |= {one.name for one in cell.signals if one.axis == "unit"}
    if not drawn:
        return signal if signal in known else cell.gates[0].name, 0
    units = drawn[0].units
    name = signal if signal in known else drawn[0].signal.name
    return name, int(unit if unit in units else units[0])


def _on_settled(panels: Panels, shown: str) -> None:
    cursor = st.session_state[_CURSOR].get("cursor")
    if cursor["jump"] != state.n_cursor_moves():
        # It tells of what was shown before: another model, or all that Start over has reset.
        return
    step, picked = panels.start + cursor["step"], f"{cursor['signal']}.{cursor['unit']}"
    # The end is the default, and so is what is shown unpicked: the link need not say it.
    pick = state.picked_unit() if picked == shown else picked
    is_end = step == last_read(0, panels.whole, panels.direction)
    state.put(step=None if is_end else step, pick=pick)
    state.put(veil="on" if cursor["veil"] else "off", speed=str(cursor["speed"]))
