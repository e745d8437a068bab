"""Words of a still picture: Plotly's few tags as SVG."""

from __future__ import annotations

import re
from html import escape
from typing import Any


def lines_at(x: float, y: float, label: str, *, up: bool) -> str:
    """A label of several lines, the first or, upwards, the last at this height."""
    rows = plain(label).split("\n")
    top = y - 12 * (len(rows) - 1) if up else y
    return "".join(text_at(x, top + 12 * i, row, "middle") for i, row in enumerate(rows))


def text_at(
    x: float, y: float, text: str, anchor: str = "start", size: float = 11, shade: Any = None
) -> str:
    """An SVG text; `shade` is its colour, by default the picture's."""
    fill = f' fill="{shade}"' if isinstance(shade, str) else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"{fill}>'
        f"{_spans(text)}</text>"
    )


def _spans(text: str) -> str:
    """Plotly's few tags as SVG's."""
    text = re.sub(r'<b(?: style="color:([^"]+)")?>', _bold, text.replace("<br>", " "))
    text = text.replace("<i>", '<tspan font-style="italic">')
    text = text.replace("<sub>", '<tspan baseline-shift="sub" font-size="8">')
    text = re.sub(r"<span[^>]*>", '<tspan font-weight="400" font-size="10">', text)
    text = re.sub(r"</(?:b|i|span|sub)>", "</tspan>", text)
    return re.sub(r"&(?!\w+;)", "&amp;", text)


def _bold(found: re.Match[str]) -> str:
    shade = f' fill="{found[1]}"' if found[1] else ""
    return f'<tspan font-weight="700"{shade}>'


def plain(text: str) -> str:
    """A text without Plotly's tags, escaped."""
    bare = re.sub(r"<[^>]+>", "", text.replace("<br>", "\n"))
    return escape(bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), quote=False)


def number(value: float) -> str:
    """Three digits, with a true minus."""
    return f"{value:.3g}".replace("-", "−")
