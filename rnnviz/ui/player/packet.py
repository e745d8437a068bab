"""Binary messages to the browser: a JSON header and values, float32 or float64."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panels
from rnnviz.core.arrays import Array
from rnnviz.figures.theme import colour
from rnnviz.i18n import word


def pack(header: Mapping[str, Any], view: Panels | None = None) -> bytes:
    """Header and the values of every panel, (time, unit) each.

    Streamlit hands raw bytes to a component unchanged, so nothing is encoded as text.
    """
    return pack_arrays(header, [panel.values.T for panel in view.panels] if view else [])


def pack_arrays(
    header: Mapping[str, Any], arrays: Iterable[Array], *, is_double: bool = False
) -> bytes:
    """Four bytes of header length, the header, then the arrays one after the other.

    is_double  in float64, by default in float32.
    """
    given = {**header, "isDouble": True} if is_double else header
    text = json.dumps(given, ensure_ascii=False).encode()
    values = [array.astype("<f8" if is_double else "<f4").tobytes() for array in arrays]
    return struct.pack("<I", len(text)) + text + b"".join(values)


def packet_header(packet: bytes) -> dict[str, Any]:
    """The header of a packet.

    >>> packet_header(pack({"step": 3}))
    {'step': 3}
    """
    (size,) = struct.unpack_from("<I", packet)
    header: dict[str, Any] = json.loads(packet[4 : 4 + size])
    return header


def packet_numbers(packet: bytes) -> Array:
    """The numbers of a packet, its arrays one after the other.

    >>> packet_numbers(pack_arrays({}, [np.array([1, 2])])).tolist()
    [1.0, 2.0]
    """
    (size,) = struct.unpack_from("<I", packet)
    kind = "<f8" if packet_header(packet).get("isDouble") else "<f4"
    return np.frombuffer(packet, kind, offset=4 + size)


def script_json(value: Any) -> str:
    """JSON that may stand in a script of an HTML page.

    >>> script_json("</script>")
    '"<\\\\/script>"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def panel_headers(view: Panels, language: str, dark: bool = False) -> list[dict[str, Any]]:
    """Header entry of every panel: name, label, colour, axis, unit labels, ends of its colour
    scale, start of its values.

    `apart` panels have another axis than the layer's units.
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
            "low": panel.low,
            "high": panel.high,
            "start": start,
            "apart": panel.has_own_axis,
        }
        for panel, start in zip(view.panels, starts, strict=False)
    ]
