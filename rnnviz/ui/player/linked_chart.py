"""Chart beside the player's, with the same cursor."""

from __future__ import annotations

from rnnviz.analysis.panels import Panels
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack, panel_headers


def linked_chart(
    view: Panels, *, name: str, key: str, group: str, playhead: str, language: str
) -> None:
    """Values, cursor and future mask of the chart in the container keyed `group`."""
    header = {
        "group": group,
        "playhead": playhead,
        "trace": name,
        "tokens": view.tokens,
        "panels": panel_headers(view, language),
        "words": {label: word(f"axis.{label}", language) for label in ("step", "keys")},
    }
    component("linked_chart")(data=pack(header, view), key=key)
