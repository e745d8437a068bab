"""Player over the heatmaps of a group: step controls, cursor, future mask and tooltips."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.panels import Panels
from rnnviz.i18n import word
from rnnviz.ui.player.component import component, file_text
from rnnviz.ui.player.packet import pack, panel_headers

_LABELS = ("group", "first", "back", "play", "forward", "last", "slider", "speed", "loop", "mask")


def player(
    view: Panels,
    *,
    name: str,
    key: str,
    group: str,
    step: int | None,
    jump: int,
    language: str,
    playhead: str = "",
) -> None:
    """Step controls, and cursor and future mask over the chart in the container keyed `group`.

    view      panels with the values of all tables and diagrams of the group; sent once, here.
    name      identifies the trace: components of one name share its values.
    step      first step of the cursor, counted from 0 in the whole sequence; None for the last.
    jump      a new value makes the player go to `step` again.
    playhead  shared by groups that keep step together; by default the group's own.
    """
    packet = player_packet(
        view,
        name=name,
        group=group,
        step=step,
        jump=jump,
        language=language,
        playhead=playhead or group,
    )
    component("player")(data=packet, key=key)


def player_packet(view: Panels, *, name: str, language: str, **fields: Any) -> bytes:
    """Header and values for the player's script; `fields` are further fields of the header."""
    header = {
        "trace": name,
        "tokens": view.tokens,
        "first": view.start,
        "whole": view.whole,
        "panels": panel_headers(view, language),
        "labels": {label: word(f"player.{label}", language) for label in _LABELS},
        "words": {label: word(f"player.{label}", language) for label in ("pause", "where")}
        | {"step": word("axis.step", language)},
    }
    return pack(header | fields, view)


def overlay_css() -> str:
    """Style of cursor and future mask: they lie over the chart, outside the component."""
    return file_text("overlay.css")
