"""Heatmaps, their player and the live cell as one HTML file that needs no network and no Python."""

from __future__ import annotations

import base64
import html
import json
from typing import Any

from rnnviz.figures.theme import FONT, colour
from rnnviz.ui.player.component import file_text, script, style

_DRAWING = """<script type="module">
{script}
const setTriggerValue = (_, asked) => liveNetworks.get("{group}").keep(asked);
const parentElement = document.querySelector("#cell");
mount({{ data: bytesOf("{packet}"), parentElement, setTriggerValue }});
</script>"""
_NETWORK = """<script type="module">
{script}
mount({{ data: bytesOf("{packet}"), parentElement: document.querySelector("#network") }});
</script>"""


def standalone_page(
    figure: Any,
    packet: bytes,
    *,
    group: str,
    picked: tuple[str, int],
    title: str,
    language: str,
    dark: bool,
    drawing: bytes | None = None,
    network: bytes | None = None,
) -> str:
    """HTML text with Plotly, the figure, the player of `group` and the player's packet.

    picked   the signal and the unit that are singled out at first.
    drawing  the packet of the live cell, which follows the player; None for none.
    network  the packet of the network, so that a gate of the drawing can be dragged; None for none.
    """
    signal, unit = picked
    return file_text("standalone_page.html").format(
        lang=language,
        title=html.escape(title),
        variables=page_variables(dark),
        css=style("player") + file_text("overlay.css") + file_text("diagram.css"),
        controls=file_text("player.html"),
        group=group,
        # Known before Plotly asks how wide its place is.
        beside=" beside" if drawing else "",
        chart=figure.to_html(
            include_plotlyjs=True,
            full_html=False,
            config={"displayModeBar": False, "responsive": True},
        ),
        script=script("player"),
        packet=_base64(packet),
        picked=json.dumps({"signal": signal, "unit": unit}),
        cell=file_text("diagram.html") if drawing else "",
        drawing=_script(_DRAWING, "diagram", drawing, group)
        + _script(_NETWORK, "live_network", network, group),
    )


def _script(template: str, name: str, packet: bytes | None, group: str) -> str:
    if packet is None:
        return ""
    return template.format(script=script(name), packet=_base64(packet), group=group)


def _base64(packet: bytes) -> str:
    return base64.b64encode(packet).decode()


def page_variables(dark: bool) -> str:
    """CSS variables that the style sheets of this folder read."""
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
