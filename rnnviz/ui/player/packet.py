"""What crosses to the browser: a JSON header and float32 values, in compact bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

from rnnviz.analysis.panels import Panels
from rnnviz.core.arrays import Array
from rnnviz.figures.theme import colour
from rnnviz.i18n import word


def pack(header: Mapping[str, Any], view: Panels | None = None) -> bytes:
    """Four bytes of header length, the header, then every panel's values, (time, unit) each.

    Streamlit hands a component raw bytes as they are, so nothing is turned into text and back.
    """
    return pack_arrays(header, [panel.values.T for panel in view.panels] if view else [])


def pack_arrays(header: Mapping[str, Any], arrays: Iterable[Array]) -> bytes:
    """The same with other arrays, one after the other."""
    text = json.dumps(header, ensure_ascii=False).encode()
    values = [array.astype("<f4").tobytes() for array in arrays]
    return struct.pack("<I", len(text)) + text + b"".join(values)


def described(view: Panels, language: str, dark: bool = False) -> list[dict[str, Any]]:
    """A header's entry for every panel: name, label, colour, unit labels, where its values start.

    A panel that is not about units stands apart.
    """
    ends = accumulate(panel.values.size for panel in view.panels)
    starts = [0, *ends]
    return [
        {
            "name": panel.signal.name,
            "label": word(f"signal.{panel.signal.name}", language),
            "colour": colour(panel.signal.name, dark),
            "axis": word(f"axis.{panel.axis}", language),
            "units": panel.units,
            "start": start,
            "apart": panel.has_own_axis,
        }
        for panel, start in zip(view.panels, starts, strict=False)
    ]


_SCRIPTS = {
    "player": ("playhead.js", "packet.js", "tick_labels.js", "overlay.js", "player.js"),
    "value_table": ("playhead.js", "packet.js", "value_table.js"),
    "diagram": ("playhead.js", "packet.js", "activations.js", "diagram.js"),
    "linked_chart": ("playhead.js", "packet.js", "tick_labels.js", "overlay.js", "linked_chart.js"),
    "jump_table": ("playhead.js", "packet.js", "jump_table.js"),
    "cursor_sync": ("playhead.js", "packet.js", "cursor_sync.js"),
    "slide_controls": ("packet.js", "slide_controls.js"),
    "image_buttons": ("packet.js", "image_buttons.js"),
    "minimap": (
        *("playhead.js", "packet.js", "overview_strip.js", "tick_labels.js", "zoom.js"),
        "minimap.js",
    ),
}


def script(component: str) -> str:
    """The one module of a component: Streamlit takes no imports between inline modules."""
    return "\n".join(map(text, _SCRIPTS[component]))


@cache
def text(name: str) -> str:
    """A file that lies beside this one."""
    return files(__package__).joinpath(name).read_text("utf-8")
