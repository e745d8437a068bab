"""Curves of saturation over a training: a line for every gate, named beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.figures.axes import axis_pair
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.training_curves import Curve, curve_line, curve_title
from rnnviz.figures.type_scale import with_type_scale

# Pixels right of the plot, in which its lines are named, and the least count of places for names.
_NAMES, _PLACES = 92, 4


@dataclass(frozen=True)
class SaturationCurves:
    """Saturation of the models that a training has kept.

    shares  (step, share of saturated numbers) by gate, or by the state of a cell without gates.
    steps   that the training will take.
    """

    shares: Mapping[str, Curve]
    steps: int


@with_type_scale
def figure(view: SaturationCurves, look: Look) -> PlotlyJson:
    """Share of saturated numbers over all the steps that the training will take.

    >>> view = SaturationCurves({"forget": [(0, 0.0), (10, 0.5)]}, steps=10)
    >>> [trace["name"] for trace in figure(view, Look())["data"]]
    ['forget gate']
    """
    shares = {
        "domain": [0, 1],
        "range": [0, 1.02],
        "tickformat": ".0%",
        "showgrid": True,
        "gridcolor": look.colour("line"),
    }
    return {
        "data": [
            curve_line(curve, look.word(f"signal.{name}"), look.colour(name), "lines+markers", 1)
            for name, curve in view.shares.items()
        ],
        "layout": {
            "height": 150,
            "margin": {"l": 44, "r": _NAMES, "t": 34, "b": 28},
            "showlegend": False,
            **axis_pair(1, {"domain": [0, 1], "range": [0, view.steps]}, shares),
            "annotations": [curve_title("saturated", [0, 1], look), *_names(view, look)],
            **base_layout(look),
        },
    }


def _names(view: SaturationCurves, look: Look) -> list[dict[str, Any]]:
    """Names right of the plot, that of the line which ends highest on top."""
    order = sorted(view.shares, key=lambda name: -view.shares[name][-1][1])
    place = PAPER | {"x": 1, "xanchor": "left", "yanchor": "top"}
    places = max(_PLACES, len(order))
    return [
        note(
            look.word(f"signal.{name}"),
            look.colour(name),
            13,
            place,
            y=1 - row / places,
            xshift=8,
        )
        for row, name in enumerate(order)
    ]
