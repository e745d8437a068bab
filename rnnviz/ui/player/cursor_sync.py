"""Report of the player's cursor to the server."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def cursor_sync(
    *,
    key: str,
    playhead: str,
    step: int | None,
    jump: int,
    signal: str,
    unit: int,
    veil: bool,
    speed: int,
    on_settled: Callable[[], None],
) -> None:
    """Keep `st.session_state[key]["cursor"]`, its `step`, `signal`, `unit`, `veil` and `speed`.

    They are the browser's; those given here are as the server has them, where step None is the one
    that is read last.
    `on_settled` is called once a moved cursor has settled.
    """
    header = {"playhead": playhead, "step": step, "jump": jump}
    header |= {"signal": signal, "unit": unit, "veil": veil, "speed": speed}
    component("cursor_sync")(data=pack(header), key=key, on_cursor_change=on_settled)
