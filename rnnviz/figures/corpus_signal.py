"""Units of a signal over a corpus as points: their mean across, their spread upright."""

from __future__ import annotations

from typing import Any

from rnnviz.corpus.corpus_signal import CorpusSignal
from rnnviz.figures.axes import axis_pair
from rnnviz.figures.notes import note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale


@with_type_scale
def figure(
    view: CorpusSignal, look: Look, *, height: int = 270, unit: int | None = None
) -> PlotlyJson:
    """A point a unit; `unit` is ringed."""
    ringed = [] if unit is None else [_ring(view, unit, look)]
    mean, std = look.word("corpus.mean"), look.word("corpus.std")
    across = {"title": {"text": mean, "standoff": 4}, "showline": True, "nticks": 6}
    up = {"title": {"text": std, "standoff": 4}, "rangemode": "tozero", "nticks": 5}
    title = look.word("corpus.units", signal=look.word(f"signal.{view.signal}"))
    return {
        "data": [_points(view, look), *ringed],
        "layout": {
            "height": height,
            "margin": {"l": 48, "r": 12, "t": 30, "b": 44},
            "showlegend": False,
            "annotations": [note(f"<b>{title}</b>", look.colour("ink"), yshift=6)],
            **axis_pair(1, across, up | {"showline": True}),
            **base_layout(look),
        },
    }


def _points(view: CorpusSignal, look: Look) -> dict[str, Any]:
    told = look.word("corpus.unit.hover", mean="%{x:.3f}", std="%{y:.3f}")
    return {
        "type": "scatter",
        "mode": "markers",
        "x": view.mean,
        "y": view.std,
        "text": [f"{look.word('axis.unit')} {unit}" for unit in range(len(view.mean))],
        "marker": {"color": look.colour(view.signal), "size": 7, "opacity": 0.6},
        "hovertemplate": f"<b>%{{text}}</b><br>{told}<extra></extra>",
    }


def _ring(view: CorpusSignal, unit: int, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("ink"), "width": 2}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [float(view.mean[unit])],
        "y": [float(view.std[unit])],
        "text": [str(unit)],
        "textposition": "top center",
        "textfont": {"color": look.colour("ink"), "size": 12},
        "marker": {"symbol": "circle-open", "size": 14, "color": line["color"], "line": line},
        "hoverinfo": "skip",
    }
