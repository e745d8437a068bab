"""Live slot of a lesson as data: its heatmaps and the packets of its components."""

from __future__ import annotations

import base64
import json
from typing import Any

from rnnviz.figures.panels import figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import TraceWidget
from rnnviz.ui.player.diagram import diagram_packet
from rnnviz.ui.player.packet import packet_header, packet_numbers
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.value_table import value_table_packet

# Pixels of a slot's heatmaps: the tokens, and each signal.
_TOKENS, _SIGNAL = 54, 80


def slot_height(n_signals: int) -> int:
    """Height of a slot's heatmaps, as on the app's page."""
    return _TOKENS + _SIGNAL * n_signals


def live_packets(widget: TraceWidget, group: str, look: Look) -> dict[str, Any]:
    """Figure of a slot, and by component its packet: a header, and values in base64."""
    view, goes_back = widget.panels(), widget.gradients is not None
    place: dict[str, Any] = {"name": group, "group": group, "playhead": group}
    shared = place | {"language": look.language}
    drawing = diagram_packet(
        widget.trace,
        view,
        layer=widget.layer,
        activations=widget.model.layers[widget.layer].activations,
        gradients=widget.gradients,
        dark=look.dark,
        **shared,
    )
    packets = {
        # A gradient goes back from the last step, and nothing of it is yet to come.
        "player": player_packet(
            view, step=None if goes_back else 0, jump=0, veil=not goes_back, **shared
        ),
        "diagram": drawing,
        "value_table": value_table_packet(view, dark=look.dark, **shared),
    }
    height = slot_height(len(view.panels))
    drawn = figure(view, look, height=height, gloss=widget.gloss(look), is_quantised=True)
    return {"figure": drawn} | {
        component: _plain(packet) for component, packet in packets.items() if packet
    }


def _plain(packet: bytes) -> dict[str, Any]:
    values = base64.b64encode(packet_numbers(packet).tobytes()).decode()
    return {"header": _shortened(packet_header(packet)), "values": values}


def _shortened(header: dict[str, Any]) -> Any:
    """A header as exact as the values are, where JSON would write all digits of a float64."""
    return json.loads(json.dumps(header), parse_float=lambda text: float(f"{float(text):.7g}"))
