"""Units of a signal over a corpus as points: their mean across, their spread upright."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.corpus.corpus_signal import CorpusSignal
from rnnviz.figures.axes import axis_pair
from rnnviz.figures.notes import note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

# Marks of a signal without bounds, and those where no number is larger than 1.
_MARKS, _SMALL = (-10, -3, -1, 0, 1, 3, 10), (-1, -0.3, -0.1, 0, 0.1, 0.3, 1)


@with_type_scale
def figure(
    view: CorpusSignal, look: Look, *, height: int = 270, unit: int | None = None
) -> PlotlyJson:
    """A point a unit; `unit` is ringed.

    Numbers v of a signal without bounds stand at v/(1 + |v|), and the marks tell v.
    """
    ringed = [] if unit is None else [_ring(view, unit, look)]
    mean, std = look.word("corpus.mean"), look.word("corpus.std")
    across = _axis(view, mean, view.mean)
    up = _axis(view, std, view.std) | {"rangemode": "tozero"}
    title = look.word("corpus.units", signal=look.word(f"signal.{view.signal}"))
    return {
        "data": [_points(view, look), *ringed],
        "layout": {
            "height": height,
            "margin": {"l": 48, "r": 12, "t": 30, "b": 44},
            "showlegend": False,
            "annotations": [note(f"<b>{title}</b>", look.colour("ink"), yshift=6)],
            **axis_pair(1, across, up),
            **base_layout(look),
        },
    }


def _drawn(view: CorpusSignal, values: Any) -> Array:
    numbers: Array = np.asarray(values, float)
    return numbers if view.has_bounds else np.asarray(numbers / (1 + np.abs(numbers)))


def _axis(view: CorpusSignal, title: str, values: Array) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": title, "standoff": 4}, "showline": True, "nticks": 6}
    if view.has_bounds:
        return axis
    marks = _MARKS if np.abs(values).max(initial=0) > 1 else _SMALL
    texts = [f"{mark:g}".replace("-", "−") for mark in marks]
    return axis | {"tickvals": _drawn(view, marks).tolist(), "ticktext": texts, "tickangle": 0}


def _points(view: CorpusSignal, look: Look) -> dict[str, Any]:
    mean, std = "%{customdata[0]:.3f}", "%{customdata[1]:.3f}"
    told = look.word("corpus.unit.hover", mean=mean, std=std)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": _drawn(view, view.mean),
        "y": _drawn(view, view.std),
        "customdata": np.column_stack([view.mean, view.std]),
        "text": [f"{look.word('axis.unit')} {unit}" for unit in range(len(view.mean))],
        "marker": {"color": look.colour(view.signal), "size": 7, "opacity": 0.6},
        "hovertemplate": f"<b>%{{text}}</b><br>{told}<extra></extra>",
    }


def _ring(view: CorpusSignal, unit: int, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("ink"), "width": 2}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [float(_drawn(view, view.mean[unit]))],
        "y": [float(_drawn(view, view.std[unit]))],
        "text": [str(unit)],
        "textposition": "top center",
        "textfont": {"color": look.colour("ink"), "size": 12},
        "marker": {"symbol": "circle-open", "size": 14, "color": line["color"], "line": line},
        "hoverinfo": "skip",
    }
