"""Table of every unit's signals at the player's step."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.panels import Panels
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack, panel_headers


def value_table(view: Panels, *, key: str, group: str, playhead: str = "", **options: Any) -> None:
    """Table of the panels' values, which the player of the group has sent.

    `options` are those of `value_table_packet`.
    """
    packet = value_table_packet(view, group=group, playhead=playhead or group, **options)
    component("value_table")(data=packet, key=key)


def value_table_packet(
    view: Panels, *, name: str, group: str, playhead: str, language: str, dark: bool
) -> bytes:
    """Header for the table's script; `name` is the trace's."""
    header = {
        "group": group,
        "playhead": playhead,
        "trace": name,
        "panels": panel_headers(view, language, dark),
        "words": {name: word(f"value_table.{name}", language) for name in ("caption", "region")},
    }
    return pack(header)
