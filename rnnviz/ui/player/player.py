"""Player over the heatmaps of a group: step controls, cursor, future mask and tooltips."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.panels import Panels
from rnnviz.i18n import word
from rnnviz.network.layer import Direction
from rnnviz.ui.player.component import component, file_text
from rnnviz.ui.player.packet import pack, panel_headers

_LABELS = ("group", "first", "back", "play", "forward", "last", "slider", "speed", "loop", "mask")
_KEYS = {"first": "Home", "back": "←", "forward": "→", "last": "End"}
_WORDS = ("pause", "where", "reads", "rate")


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
    **options: Any,
) -> None:
    """Step controls, and cursor and future mask over the chart in the container keyed `group`.

    view      panels with the values of all tables and diagrams of the group; sent once, here.
    name      identifies the trace: components of one name share its values.
    step      first step of the cursor, counted from 0 in the whole sequence; None for the one
              that is read last.
    jump      a new value makes the player go to `step` again.
    playhead  shared by groups that keep step together; by default the group's own.
    options   those of `player_packet`.
    """
    packet = player_packet(
        view,
        name=name,
        group=group,
        step=step,
        jump=jump,
        language=language,
        playhead=playhead or group,
        **options,
    )
    component("player")(data=packet, key=key)


def player_packet(
    view: Panels,
    *,
    name: str,
    language: str,
    veil: bool = True,
    speed: int = 4,
    lifted: bool = False,
    plays: bool = False,
    **fields: Any,
) -> bytes:
    """Header and values for the player's script.

    veil    whether the steps that are not yet read are veiled at first.
    speed   steps a second at first: 1, 2, 4, 10, 30 or 60.
    lifted  whether the veil is lifted for a while, because a change is looked at.
    plays   whether it plays once by itself, for someone who has just come.
    fields  further fields of the header.
    """
    header = {
        "trace": name,
        "tokens": view.tokens,
        "first": view.start,
        "whole": view.whole,
        "panels": panel_headers(view, language),
        "backward": view.direction == "backward",
        "veil": veil,
        "speed": speed,
        "lifted": lifted,
        "plays": plays,
        "labels": _labels(view.direction, language),
        "words": {label: word(f"player.{label}", language) for label in _WORDS}
        | {label: word(f"axis.{label}", language) for label in ("step", "keys")},
    }
    return pack(header | fields, view)


def _labels(direction: Direction, language: str) -> dict[str, str]:
    """Names of the controls: of a layer that reads backward, the right end is read first."""
    names = {label: label for label in _LABELS}
    if direction == "backward":
        names |= {"first": "last", "last": "first", "back": "forward", "forward": "back"}
    return {
        label: word(f"player.{name}", language, press=_KEYS.get(label, ""))
        for label, name in names.items()
    }


def overlay_css() -> str:
    """Style of cursor and future mask: they lie over the chart, outside the component."""
    return file_text("overlay.css")
