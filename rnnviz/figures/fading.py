"""Curves of what is left of one changed step, a line a layer, down to 1/e."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnviz.analysis.fading import Fading
from rnnviz.figures.curves import LINES
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout

_SHOWN_BEYOND = 3  # times the longest reach


def figure(
    view: Sequence[Fading], names: Sequence[str], look: Look, *, height: int = 220
) -> PlotlyJson:
    """A line a layer, by its name, over the steps since the change; dashed where 37 % is left.

    >>> view = Fading(0, "hidden", np.array([1.0, 0.5, 0.2]), 1, False)
    >>> figure([view], ["layer 1"], Look())["data"][0]["name"]
    'layer 1'
    """
    last = max(one.reach for one in view)
    shown = min(max(len(one.left) for one in view), max(12, _SHOWN_BEYOND * last))
    low, high = -0.5, max(shown - 0.5, 0.5)
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines" if len(one.left) > 1 else "markers",
                "x": np.arange(len(one.left))[:shown],
                "y": one.left[:shown],
                "name": name,
                "line": {"color": LINES[at % len(LINES)]},
            }
            for at, (one, name) in enumerate(zip(view, names, strict=True))
        ],
        "layout": {
            "height": height,
            "margin": {"l": 44, "r": 26, "t": 12, "b": 34 if len(view) == 1 else 58},
            "showlegend": len(view) > 1,
            "shapes": [
                {
                    "type": "line",
                    "x0": low,
                    "x1": high,
                    "y0": 1 / np.e,
                    "y1": 1 / np.e,
                    "line": {"color": look.colour("soft"), "dash": "dash"},
                }
            ],
            "xaxis": {"range": [low, high], "title": {"text": look.word("report.axis.since")}},
            "yaxis": {
                "range": [0, 1.04],
                "tickvals": [0, 1 / np.e, 1],
                "ticktext": ["0", "37 %", "100 %"],
            },
            **base_layout(look),
        },
    }
