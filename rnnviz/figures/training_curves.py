"""Curves of a training: loss and measured quality over its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

Curve = Sequence[tuple[float, float]]
MAX_POINTS = 400
_ON_RIGHT = {"xref": "x2 domain", "yref": "y2"}


@dataclass(frozen=True)
class TrainingCurves:
    """Measurements of a training so far.

    losses   (step, loss of its batch).
    scores   (step, metric on held-out data).
    metric   "accuracy" or "error".
    chance   the metric that a guess reaches.
    steps    that the training will take.
    """

    losses: Curve
    scores: Curve
    metric: str
    chance: float
    steps: int


@with_type_scale
def figure(view: TrainingCurves, look: Look) -> PlotlyJson:
    """Loss on the left, metric on the right, over all the steps that the training will take.

    >>> view = TrainingCurves([(1, 0.9)], [(0, 0.2)], "accuracy", chance=0.25, steps=10)
    >>> [trace["name"] for trace in figure(view, Look())["data"]]
    ['loss', 'accuracy']
    """
    left, right = domains([1, 1], 0.08)
    at_chance = _ON_RIGHT | {"x": 1, "y": view.chance, "xanchor": "right", "yanchor": "bottom"}
    steps: dict[str, Any] = {"range": [0, view.steps]}
    values = {
        "domain": [0, 1],
        "rangemode": "tozero",
        "showgrid": True,
        "gridcolor": look.colour("line"),
    }
    bounds = {"range": [0, 1.02]} if view.metric == "accuracy" else {}
    return {
        "data": [
            curve_line(thinned(view.losses), "loss", look.colour("forget"), "lines", 1),
            curve_line(view.scores, view.metric, look.colour("output"), "lines+markers", 2),
        ],
        "layout": {
            "height": 150,
            "margin": {"l": 44, "r": 16, "t": 34, "b": 28},
            "showlegend": False,
            **axis_pair(1, {"domain": left} | steps, values),
            **axis_pair(2, {"domain": right} | steps, values | bounds),
            "annotations": [
                curve_title("loss", left, look),
                curve_title(view.metric, right, look),
                note(look.word("curve.chance"), look.colour("soft"), 11, at_chance),
            ],
            "shapes": [_chance_line(view.chance, look)],
            **base_layout(look),
        },
    }


def curve_title(name: str, domain: list[float], look: Look) -> dict[str, Any]:
    """Title over the middle of a plot with this domain."""
    place = PAPER | {"x": sum(domain) / 2, "y": 1, "xanchor": "center", "yanchor": "bottom"}
    return note(look.word(f"curve.{name}"), look.colour("soft"), 16, place)


def _chance_line(chance: float, look: Look) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1, "color": look.colour("soft")}
    ends = {"x0": 0, "x1": 1, "y0": chance, "y1": chance}
    return {"type": "line", "line": line, **_ON_RIGHT, **ends}


def thinned(curve: Curve, most: int = MAX_POINTS) -> list[tuple[float, float]]:
    """No more than `most` points, each the mean of as many neighbours.

    >>> thinned([(1, 2.0), (2, 4.0), (3, 6.0), (4, 8.0)], most=2)
    [(1.5, 3.0), (3.5, 7.0)]
    """
    size = -(-len(curve) // most)
    groups = [curve[i : i + size] for i in range(0, len(curve), size)] if size else []
    return [(fmean(x for x, _ in group), fmean(y for _, y in group)) for group in groups]


def curve_line(curve: Curve, name: str, ink: str, mode: str, number: int) -> dict[str, Any]:
    """Line of a measurement on the axes with this number."""
    return {
        "type": "scatter",
        "x": [step for step, _ in curve],
        "y": [value for _, value in curve],
        "name": name,
        "mode": mode,
        "line": {"color": ink, "width": 1.8},
        **on_axes(number),
    }
