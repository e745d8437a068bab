"""A picture with its player as one HTML file that works without a network and without Python."""

from __future__ import annotations

import base64
import html
from typing import Any

from rnnviz.figures.theme import FONT, colour
from rnnviz.ui.player.packet import script, text


def page(figure: Any, packet: bytes, *, group: str, title: str, language: str, dark: bool) -> str:
    """The file's text: Plotly, the figure, the player of `group`, and what the player is given."""
    return text("standalone_page.html").format(
        lang=language,
        title=html.escape(title),
        variables=_variables(dark),
        css=text("player.css") + text("overlay.css"),
        controls=text("player.html"),
        group=group,
        chart=figure.to_html(include_plotlyjs=True, full_html=False, config={"displaylogo": False}),
        script=script("player"),
        packet=base64.b64encode(packet).decode(),
    )


def _variables(dark: bool) -> str:
    named = {
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
    return " ".join(f"--{name}: {value};" for name, value in named.items())
