"""Numbers as pixels: colours of a scale, and images that a page or a drawing holds in itself."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from typing import Any

import numpy as np
import plotly.colors

from rnnviz.core.arrays import Array


def shaded(scale: Any, share: Array) -> Array:
    """Colours (…, RGBA) of shares 0…1 of a Plotly scale; what is no number is left clear."""
    named = isinstance(scale, str)
    pairs = plotly.colors.get_colorscale(scale) if named else [tuple(p) for p in scale or ()]
    pairs = pairs or plotly.colors.get_colorscale("Viridis")
    stops = [stop for stop, _ in pairs]
    rgb = np.array([_rgb(shade) for _, shade in pairs])
    known = np.nan_to_num(np.clip(share, 0, 1))
    mixed = np.stack([np.interp(known, stops, rgb[:, i]) for i in range(3)], axis=-1)
    clear = np.where(np.isnan(share), 0, 255)[..., None]
    return np.concatenate([mixed, clear], axis=-1).round().astype(np.uint8)


def _rgb(shade: str) -> tuple[int, ...]:
    if shade.startswith("#"):
        return tuple(int(shade[i : i + 2], 16) for i in (1, 3, 5))
    return tuple(int(float(number)) for number in re.findall(r"[\d.]+", shade)[:3])


def inline(shades: Array) -> str:
    """An image (row, column, RGBA) as the address of a PNG that holds it.

    >>> inline(np.zeros((1, 1, 4), np.uint8))[:22]
    'data:image/png;base64,'
    """
    return f"data:image/png;base64,{base64.b64encode(_png(shades)).decode()}"


def _png(shades: Array) -> bytes:
    """The same as PNG (ISO/IEC 15948): a pixel a cell."""
    rows, columns = shades.shape[:2]
    lines = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(shades))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
