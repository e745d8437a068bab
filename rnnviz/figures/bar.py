"""A colour scale as an image with its ends written beside it, drawn at a fraction of the cost.

Plotly makes a small plot, with an axis of its own, of every colour bar.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel
from rnnviz.figures.axes import said
from rnnviz.figures.colour_raster import inline, shaded
from rnnviz.figures.shades import ends
from rnnviz.figures.theme import colour, scale

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
