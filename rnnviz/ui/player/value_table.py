"""Table of every unit's signals at the player's step."""

from __future__ import annotations

from rnnviz.analysis.panels import Panels
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack, panel_headers


def value_table(
    view: Panels,
    *,
    name: str,
    key: str,
    group: str,
    language: str,
    dark: bool,
    playhead: str = "",
) -> None:
    """Table of the panels' values, which the player of the group has sent."""
    header = {
        "group": group,
        "playhead": playhead or group,
        "trace": name,
        "panels": panel_headers(view, language, dark),
        "words": {name: word(f"value_table.{name}", language) for name in ("caption", "region")},
    }
    component("value_table")(data=pack(header), key=key)
