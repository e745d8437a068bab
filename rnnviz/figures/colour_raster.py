"""Numbers as pixels: colours of a scale, and images that a page or a drawing holds in itself."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
import plotly.colors

from rnnviz.analysis.panels import Panel
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import said
from rnnviz.figures.theme import colour, scale


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


# Between heatmap and bar, of the bar, between bar and number, in pixels.
PAD, WIDTH, APART = 6, 7, 2


def image(panel: Panel, span: list[float], inner: int) -> dict[str, Any]:
    """The bar right of a heatmap that spans this part of a height of `inner` pixels.

    Its width follows from its shape: Plotly gives images no width in pixels.
    """
    bottom, top = span
    return {
        "source": _source(scale(panel), max(1, round(inner * (top - bottom)))),
        "xref": "paper",
        "yref": "paper",
        "x": 1,
        "y": top,
        "sizex": 1,
        "sizey": top - bottom,
        "sizing": "contain",
        "layer": "above",
    }


def notes(panel: Panel, span: list[float], dark: bool) -> list[dict[str, Any]]:
    """The numbers that the bar's colours stand for."""
    bottom, top = span
    return [
        {
            "text": said(end),
            "xref": "paper",
            "yref": "paper",
            "x": 1,
            "y": bottom + (top - bottom) * (end - panel.low) / (panel.high - panel.low),
            "xanchor": "left",
            "yanchor": "middle",
            "xshift": PAD + WIDTH + APART,
            "showarrow": False,
            "borderpad": 0,
            "font": {"size": 10, "color": colour("soft", dark)},
        }
        for end in ends(panel)
    ]


def room(panel: Panel) -> int:
    """Pixels that bar and numbers take."""
    return PAD + WIDTH + APART + 6 * max(len(said(end)) for end in ends(panel))


@cache
def _source(name: str, height: int) -> str:
    column = shaded(name, np.linspace(1, 0, height)[:, None])
    clear = np.zeros((height, PAD, 4), np.uint8)
    return inline(np.concatenate([clear, np.repeat(column, WIDTH, 1)], axis=1))


# 255 would be "////" in base64, which JSON for a page writes with six letters each.
SHADES = 254


def shades(panel: Panel) -> Array | None:
    """Its values (unit, time) as whole numbers, 0 at `low` to SHADES at `high`.

    None where one of them is no number, which a shade cannot say.
    """
    if not np.isfinite(panel.values).all():
        return None
    scaled = (panel.values - panel.low) * (SHADES / (panel.high - panel.low))
    return np.clip(np.rint(scaled), 0, SHADES).astype(np.uint8)


def ends(panel: Panel) -> list[float]:
    """The numbers that a panel's colour scale names."""
    return [panel.low, panel.high] if panel.low == 0 else [panel.low, 0, panel.high]


def marks(panel: Panel) -> list[float]:
    """The same, in shades."""
    return [SHADES * (end - panel.low) / (panel.high - panel.low) for end in ends(panel)]
