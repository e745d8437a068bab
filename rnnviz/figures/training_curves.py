"""Curves of a training over its steps: loss, measured quality, saturated gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

Curve = Sequence[tuple[float, float]]
MAX_POINTS = 400
_ON_SECOND = {"xref": "x2 domain", "yref": "y2"}
# Pixels right of the plots, in which the lines of the last one are named.
_NAMES = 92
_SHARES = {"range": [0, 1.02], "tickformat": ".0%"}


@dataclass(frozen=True)
class TrainingCurves:
    """Measurements of a training so far.

    losses     (step, loss of its batch).
    scores     (step, metric on held-out data).
    metric     "accuracy" or "error".
    chance     the metric that a guess reaches.
    steps      that the training will take.
    saturated  (step, share of saturated numbers) by gate, or of units by signal.
    """

    losses: Curve
    scores: Curve
    metric: str
    chance: float
    steps: int
    saturated: Mapping[str, Curve] = field(default_factory=dict)


@with_type_scale
def figure(view: TrainingCurves, look: Look) -> PlotlyJson:
    """Loss, metric, and saturated shares where there are any, over all steps of the training.

    >>> view = TrainingCurves([(1, 0.9)], [(0, 0.2)], "accuracy", chance=0.25, steps=10)
    >>> [trace["name"] for trace in figure(view, Look())["data"]]
    ['loss', 'accuracy']
    """
    left, middle, *right = domains([1] * (3 if view.saturated else 2), 0.08)
    at_chance = _ON_SECOND | {"x": 1, "y": view.chance, "xanchor": "right", "yanchor": "bottom"}
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
            _line(thinned(view.losses), "loss", look.colour("forget"), "lines", 1),
            _line(view.scores, view.metric, look.colour("output"), "lines+markers", 2),
            *_saturated_lines(view, look),
        ],
        "layout": {
            "height": 150,
            "margin": {"l": 44, "r": _NAMES if right else 16, "t": 34, "b": 28},
            "showlegend": False,
            **axis_pair(1, {"domain": left} | steps, values),
            **axis_pair(2, {"domain": middle} | steps, values | bounds),
            **(axis_pair(3, {"domain": right[0]} | steps, values | _SHARES) if right else {}),
            "annotations": [
                _title("loss", left, look),
                _title(view.metric, middle, look),
                *(_title("saturated", domain, look) for domain in right),
                *_line_names(view, look),
                note(look.word("curve.chance"), look.colour("soft"), 11, at_chance),
            ],
            "shapes": [_chance_line(view.chance, look)],
            **base_layout(look),
        },
    }


def _saturated_lines(view: TrainingCurves, look: Look) -> list[dict[str, Any]]:
    return [
        _line(curve, look.word(f"signal.{signal}"), look.colour(signal), "lines+markers", 3)
        for signal, curve in view.saturated.items()
    ]


def _line_names(view: TrainingCurves, look: Look) -> list[dict[str, Any]]:
    """Names of the lines right of the last plot, the line that ends highest on top."""
    order = sorted(view.saturated, key=lambda signal: -view.saturated[signal][-1][1])
    place = {"xref": "paper", "yref": "paper", "x": 1, "xanchor": "left", "yanchor": "top"}
    heights = [1 - row / max(3, len(order)) for row in range(len(order))]
    return [
        note(look.word(f"signal.{signal}"), look.colour(signal), 13, place | {"y": y}, xshift=8)
        for signal, y in zip(order, heights, strict=True)
    ]


def _title(name: str, domain: list[float], look: Look) -> dict[str, Any]:
    place = PAPER | {"x": sum(domain) / 2, "y": 1, "xanchor": "center", "yanchor": "bottom"}
    return note(look.word(f"curve.{name}"), look.colour("soft"), 16, place)


def _chance_line(chance: float, look: Look) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1, "color": look.colour("soft")}
    ends = {"x0": 0, "x1": 1, "y0": chance, "y1": chance}
    return {"type": "line", "line": line, **_ON_SECOND, **ends}


def thinned(curve: Curve, most: int = MAX_POINTS) -> list[tuple[float, float]]:
    """No more than `most` points, each the mean of as many neighbours.

    >>> thinned([(1, 2.0), (2, 4.0), (3, 6.0), (4, 8.0)], most=2)
    [(1.5, 3.0), (3.5, 7.0)]
    """
    size = -(-len(curve) // most)
    groups = [curve[i : i + size] for i in range(0, len(curve), size)] if size else []
    return [(fmean(x for x, _ in group), fmean(y for _, y in group)) for group in groups]


def _line(curve: Curve, name: str, ink: str, mode: str, number: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [step for step, _ in curve],
        "y": [value for _, value in curve],
        "name": name,
        "mode": mode,
        "line": {"color": ink, "width": 1.8},
        **on_axes(number),
    }
