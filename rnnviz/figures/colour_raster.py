"""Colours as pixels: numbers quantised to a byte, colour scales and their bars as PNG images."""

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
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.theme import Look, colorscale, scale_of

# 255 would be "////" in base64, which JSON for a page writes with six letters each.
LEVELS = 254
# Between heatmap and colour bar, of the bar, between bar and number, in pixels.
_PAD, _WIDTH, _APART = 6, 7, 2
# Height of such a number's line in pixels.
_LABEL_LINE = 12


def quantise(panel: Panel) -> Array | None:
    """Values (unit, time) as bytes, from 0 at `low` to LEVELS at `high`.

    None where a value is not finite, which no level can say.
    """
    if not np.isfinite(panel.values).all():
        return None
    scaled = (panel.values - panel.low) * (LEVELS / (panel.high - panel.low))
    return np.clip(np.rint(scaled), 0, LEVELS).astype(np.uint8)


def scale_ticks(panel: Panel) -> list[float]:
    """Numbers that a panel's colour scale names."""
    return [panel.low, panel.high] if panel.low == 0 else [panel.low, 0, panel.high]


def quantised_ticks(panel: Panel) -> list[float]:
    """Levels of the numbers that a panel's colour scale names."""
    return [LEVELS * (tick - panel.low) / (panel.high - panel.low) for tick in scale_ticks(panel)]


def scale_labels(panel: Panel) -> list[str]:
    """Labels of these numbers: "≥" at an end beyond which numbers are cut."""
    above = (panel.values > panel.high).any() and panel.is_cut.any()
    below = (panel.values < panel.low).any() and panel.is_cut.any()
    labels = list(map(tick_label, scale_ticks(panel)))
    labels[0] = f"≤{labels[0]}" if below else labels[0]
    labels[-1] = f"≥{labels[-1]}" if above else labels[-1]
    return labels


def tick_label(value: float) -> str:
    """Number to three digits, with a true minus.

    >>> tick_label(-0.12345)
    '−0.123'
    """
    return f"{value:.3g}".replace("-", "−")


def colorbar_image(panel: Panel, domain: list[float], inner: int, look: Look) -> dict[str, Any]:
    """Plotly image of the colour bar right of a heatmap on this part of `inner` pixels of height.

    Its width follows from its shape: Plotly gives images no width in pixels.
    """
    bottom, top = domain
    height = max(1, round(inner * (top - bottom)))
    return PAPER | {
        "source": _colorbar_source(scale_of(panel, look.dark), height),
        "x": 1,
        "y": top,
        "sizex": 1,
        "sizey": top - bottom,
        "sizing": "contain",
        "layer": "above",
    }


def colorbar_labels(
    panel: Panel, domain: list[float], inner: float, look: Look
) -> list[dict[str, Any]]:
    """Annotations with the numbers that the colours of a bar stand for, those that do not touch.

    inner  height of all panels in pixels of type in its usual size.
    """
    bottom, top = domain
    place = PAPER | {"x": 1, "xanchor": "left", "yanchor": "middle", "borderpad": 0}
    return [
        note(
            label,
            look.colour("soft"),
            10,
            place,
            y=bottom + (top - bottom) * (tick - panel.low) / (panel.high - panel.low),
            xshift=_PAD + _WIDTH + _APART,
        )
        for tick, label in _labelled(panel, inner * (top - bottom))
    ]


def _labelled(panel: Panel, height: float) -> list[tuple[float, str]]:
    """Ticks of a bar of this height with their labels: the upper end, the lower, then others."""
    bottom, *between, top = zip(scale_ticks(panel), scale_labels(panel), strict=True)
    a_line = _LABEL_LINE * (panel.high - panel.low) / max(height, 1)
    kept = [top]
    for tick in (bottom, *between):
        if all(abs(tick[0] - other[0]) >= a_line for other in kept):
            kept.append(tick)
    return sorted(kept)


def colorbar_width(panel: Panel) -> int:
    """Pixels that a colour bar and its numbers take."""
    return _PAD + _WIDTH + _APART + 6 * max(map(len, scale_labels(panel)))


@cache
def _colorbar_source(name: str, height: int) -> str:
    column = rgba(colorscale(name), np.linspace(1, 0, height)[:, None])
    clear = np.zeros((height, _PAD, 4), np.uint8)
    return png_data_uri(np.concatenate([clear, np.repeat(column, _WIDTH, 1)], axis=1))


def rgba(scale: Any, share: Array) -> Array:
    """Colours (…, RGBA) of shares 0…1 of a Plotly scale; NaN is transparent."""
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


def png_data_uri(pixels: Array) -> str:
    """Data URI of a PNG that holds an image (row, column, RGBA).

    >>> png_data_uri(np.zeros((1, 1, 4), np.uint8))[:22]
    'data:image/png;base64,'
    """
    return f"data:image/png;base64,{base64.b64encode(_png(pixels)).decode()}"


def _png(pixels: Array) -> bytes:
    """PNG (ISO/IEC 15948) of an image (row, column, RGBA), 8 bits a channel."""
    rows, columns = pixels.shape[:2]
    lines = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(pixels))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
