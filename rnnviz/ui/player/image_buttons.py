"""Buttons that save a chart as an image."""

from __future__ import annotations

from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def image_buttons(*, key: str, group: str, language: str) -> None:
    """Buttons for PNG and SVG of the chart in the container keyed `group`."""
    labels = {name: word(f"share.{name}", language) for name in ("png", "svg")}
    header = {"group": group, "name": "rnnviz", "labels": labels}
    component("image_buttons")(data=pack(header), key=key)
