"""Heatmaps with their player as one HTML file that needs neither a network nor Python."""

from __future__ import annotations

import base64
import html
from typing import Any

from rnnviz.figures.theme import FONT, colour
from rnnviz.ui.player.component import file_text, script, style


def standalone_page(
    figure: Any, packet: bytes, *, group: str, title: str, language: str, dark: bool
) -> str:
    """HTML text with Plotly, the figure, the player of `group` and the player's packet."""
    return file_text("standalone_page.html").format(
        lang=language,
        title=html.escape(title),
        variables=_variables(dark),
        css=style("player") + file_text("overlay.css"),
        controls=file_text("player.html"),
        group=group,
        chart=figure.to_html(include_plotlyjs=True, full_html=False, config={"displaylogo": False}),
        script=script("player"),
        packet=base64.b64encode(packet).decode(),
    )


def _variables(dark: bool) -> str:
    values = {
        "rnnviz-ink": colour("ink", dark),
        "rnnviz-paper": colour("paper", dark),
        "rnnviz-soft": colour("soft", dark),
        "st-text-color": colour("ink", dark),
        "st-background-color": colour("paper", dark),
        "st-secondary-background-color": colour("line", dark),
        "st-border-color": colour("line", dark),
        "st-primary-color": colour("accent", dark),
        "st-font": FONT,
        "st-code-font": "ui-monospace, monospace",
    }
    return " ".join(f"--{name}: {value};" for name, value in values.items())
