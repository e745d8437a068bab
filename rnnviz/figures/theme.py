"""The look of every figure: language and ground, colours of signals, colour scales."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from plotly.colors import get_colorscale

from rnnviz.analysis.panels import Panel
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.i18n import word

FONT = (
    'Inter, "Source Sans", "Source Sans 3", "Noto Sans CJK SC", "Microsoft YaHei", system-ui,'
    " sans-serif"
)
# Okabe & Ito (2008), darkened until text in them passes WCAG AA (4.5 to 1) on its ground.
_LIGHT = {
    "forget": "#0072b2",
    "update": "#0072b2",
    "forget_share": "#3a3f9e",
    "input_share": "#3f6b12",
    "normaliser": "#a8323e",
    "stabiliser": "#6b5d3e",
    "input": "#007a59",
    "reset": "#007a59",
    "candidate": "#9c5d00",
    "output": "#b5478f",
    "cell": "#5b4bb7",
    "shown": "#b03a1e",
    "normalised": "#b03a1e",
    "hidden": "#1c2430",
    "simple": "#5d6b82",
    "misread": "#5d6b82",
    "reset_before": "#007a59",
    "reset_after": "#0072b2",
    "gap": "#a8323e",
    "probabilities": "#8a6d00",
    "outputs": "#8a6d00",
    "inputs": "#5d6b82",
    "ink": "#1c2430",
    "soft": "#5d6b82",
    "line": "#e4e7ec",
    "paper": "#ffffff",
    "accent": "#343f52",
}
_DARK = {
    "forget": "#56b4e9",
    "update": "#56b4e9",
    "forget_share": "#a9b4ff",
    "input_share": "#a8cf6a",
    "normaliser": "#f2868f",
    "stabiliser": "#c9b58a",
    "input": "#35c79a",
    "reset": "#35c79a",
    "candidate": "#f0a030",
    "output": "#e08cc3",
    "cell": "#a79bf0",
    "shown": "#ff8a65",
    "normalised": "#ff8a65",
    "hidden": "#e8ebf0",
    "simple": "#9aa5b8",
    "misread": "#9aa5b8",
    "reset_before": "#35c79a",
    "reset_after": "#56b4e9",
    "gap": "#f2868f",
    "probabilities": "#d9bd4a",
    "outputs": "#d9bd4a",
    "inputs": "#9aa5b8",
    "ink": "#e8ebf0",
    "soft": "#9aa5b8",
    "line": "#2c3442",
    "paper": "#14181f",
    "accent": "#d5dce8",
}


# Of signals that have no colour of their own yet.
_SPARE_LIGHT = ("#8a4b08", "#00696b", "#7a3e9d", "#566b00")
_SPARE_DARK = ("#e0a878", "#4fc3c7", "#cf9bea", "#b9c24a")


@dataclass(frozen=True)
class Look:
    """Language of a figure's words, whether it stands on a dark page, and the size of its text.

    scale   1 on a screen; 1.6 to be read from the last row of a room.
    height  of the figure in pixels where the page sets it; 0 where the figure does.
    """

    language: str = "en"
    dark: bool = False
    scale: float = 1.0
    height: int = 0

    def word(self, key: str, **facts: Any) -> str:
        """Words for a key in the figure's language, as in `rnnviz.i18n.word`."""
        return word(key, self.language, **facts)

    def signal(self, signal: Signal) -> str:
        """Name of a signal in the figure's language."""
        return self.word(f"signal.{signal.name}")

    def colour(self, name: str) -> str:
        """Colour by its name, as in `colour`, for the figure's page."""
        return colour(name, self.dark)


def colour(name: str, dark: bool = False) -> str:
    """Colour of a signal, or of "ink", "soft" text, "line", "paper" and "accent".

    A signal without a colour of its own has one of four spare ones, always the same.

    >>> colour("forget")
    '#0072b2'
    """
    spare = _SPARE_DARK if dark else _SPARE_LIGHT
    return (_DARK if dark else _LIGHT).get(name) or spare[crc32(name.encode()) % len(spare)]


def colours(dark: bool = False) -> dict[str, str]:
    """All colours by name."""
    return dict(_DARK if dark else _LIGHT)


def scale_of(panel: Panel, dark: bool = False) -> str:
    """Name of a panel's colour scale: from 0 up, or, where it goes below, around 0."""
    return diverging_scale(dark) if panel.low < 0 else "Viridis"


def diverging_scale(dark: bool = False) -> str:
    """Name of the colour scale around 0: white in the middle, on a dark page nearly black."""
    return "dark_diverging" if dark else "RdBu_r"


def colorscale(name: str) -> list[list[Any]]:
    """Colours of a scale, each with its place on 0…1.

    All are safe for colour-blind eyes (Viridis: van der Walt & Smith 2015; RdBu: ColorBrewer;
    "dark_diverging" has the same two hues, lighter and farther from grey towards its ends).

    >>> colorscale("RdBu_r")[0], colorscale("dark_diverging")[4]
    ([0.0, 'rgb(5,48,97)'], [0.5, 'rgb(32,38,47)'])
    """
    if name == "dark_diverging":
        places = np.linspace(0, 1, len(_DARK_DIVERGING))
        return [[float(at), shade] for at, shade in zip(places, _DARK_DIVERGING, strict=True)]
    return [list(stop) for stop in _stops(name)]


# Plotly looks through all its modules for a name, which takes it a millisecond.
_stops = cache(get_colorscale)
_DARK_DIVERGING = (
    "rgb(190,226,255)",
    "rgb(112,182,240)",
    "rgb(62,130,200)",
    "rgb(40,80,130)",
    "rgb(32,38,47)",
    "rgb(135,58,45)",
    "rgb(208,98,66)",
    "rgb(244,160,120)",
    "rgb(255,218,196)",
)


def diverging_heatmap(
    values: Array, limit: float, dark: bool = False, **options: Any
) -> dict[str, Any]:
    """Heatmap trace of values (row, column) around zero; `options` are Plotly's."""
    scale = {"zmin": -limit, "zmax": limit, "colorscale": colorscale(diverging_scale(dark))}
    return {"type": "heatmap", "z": values.astype(np.float32), **scale, **options}


def colorbar(ticks: list[float], **options: Any) -> dict[str, Any]:
    """Narrow colour bar with these ticks; `options` are Plotly's."""
    bar = {"thickness": 7, "outlinewidth": 0, "xpad": 6, "ypad": 0, "tickvals": ticks}
    return bar | options


def symmetric_colorbar(limit: float) -> dict[str, Any]:
    """Colour bar of a diverging scale from −limit to limit, its ends and zero named.

    >>> symmetric_colorbar(2.5)["ticktext"]
    ['−2.5', '0', '2.5']
    """
    return {
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": [-limit, 0, limit],
        "ticktext": [f"−{limit:.2g}", "0", f"{limit:.2g}"],
        "tickfont": {"size": 10},
    }


def base_layout(look: Look) -> dict[str, Any]:
    """Layout that every figure starts from: fonts, clear ground, bare axes."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "showline": False,
        "linecolor": look.colour("line"),
        "automargin": True,
        "title": {"standoff": 15},
    }
    return {
        "font": {"family": FONT, "size": 12, "color": look.colour("soft")},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "font": {"family": FONT, "size": 13, "color": look.colour("ink")},
            "bgcolor": look.colour("paper"),
            "bordercolor": look.colour("soft"),
            "align": "left",
        },
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": look.colour("soft"),
            "activecolor": look.colour("ink"),
        },
        "template": {"layout": {"xaxis": axis, "yaxis": axis}},
        "autotypenumbers": "strict",
        "hovermode": "closest",
        # A drag steps through time where a player listens, and a finger scrolls the page.
        "dragmode": False,
    }
