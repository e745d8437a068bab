"""Trajectories in one or two planes of principal components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.analysis.trajectories import Trajectories
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.fixed_points import component_axis, kind_colour, kind_name
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, colorscale
from rnnviz.figures.type_scale import with_type_scale

_MOST_ROWS = 30


@with_type_scale
def figure(view: Trajectories, look: Look, *, height: int = 420) -> PlotlyJson:
    """A line a row, its dots coloured by the step; rings are starts, fixed points by their kind."""
    n = view.coordinates.shape[2]
    planes = [(0, i) for i in range(1, min(n, 3))] or [(0, 0)]
    spans = domains([1] * len(planes), 0.1)
    axes: dict[str, Any] = {}
    data: list[dict[str, Any]] = []
    for number, (plane, span) in enumerate(zip(planes, spans, strict=True), start=1):
        across, up = (component_axis(one, view.components, look) for one in plane)
        axes |= axis_pair(number, across | {"domain": span}, up | {"domain": [0, 1]})
        data += [*_rows(view, number, plane, look), *_points(view, number, plane, look)]
    title = f"<b>{look.word('trajectories.title')}</b>"
    return {
        "data": data,
        "layout": {
            "height": height,
            "margin": {"l": 54, "r": 60, "t": 44, "b": 84 if _has_legend(view) else 50},
            "legend": {"orientation": "h", "x": 0, "y": -0.18, "yanchor": "top"},
            "annotations": [
                note(title, look.colour("ink"), 13, ABOVE, yshift=8),
                *untrained_note(view.is_trained, look, yshift=-60 if _has_legend(view) else -28),
            ],
            **axes,
            **base_layout(look),
        },
    }


def _has_legend(view: Trajectories) -> bool:
    return len(view.n_unstable) > 0


def _rows(
    view: Trajectories, number: int, plane: tuple[int, int], look: Look
) -> Iterator[dict[str, Any]]:
    word = look.word("axis.step")
    for row, tokens in list(enumerate(view.tokens))[:_MOST_ROWS]:
        places = view.coordinates[: len(tokens), row][:, list(plane)]
        steps = np.arange(len(tokens)) + view.start + 1
        bar = {"thickness": 8, "outlinewidth": 0, "title": {"text": word}, "tickformat": "d"}
        yield {
            "type": "scatter",
            "mode": "lines+markers",
            "x": places[:, 0],
            "y": places[:, 1],
            "line": {"width": 1, "color": look.colour("soft")},
            "opacity": 0.8,
            "marker": {
                "size": 5,
                "color": steps,
                "colorscale": colorscale("Viridis"),
                "showscale": number == 1 and row == 0,
                "colorbar": bar,
            },
            "showlegend": False,
            "text": [as_typed(token) for token in tokens],
            "customdata": steps,
            "hovertemplate": f"{word} %{{customdata}} · %{{text}}<extra></extra>",
            **on_axes(number),
        }
        yield _start(places[0], number, look)


def _start(place: Any, number: int, look: Look) -> dict[str, Any]:
    ring = {"size": 11, "symbol": "circle-open", "color": look.colour("ink")}
    drawn = {"type": "scatter", "mode": "markers", "x": place[:1], "y": place[1:], "marker": ring}
    return drawn | {"showlegend": False, "hoverinfo": "skip", **on_axes(number)}


def _points(
    view: Trajectories, number: int, plane: tuple[int, int], look: Look
) -> Iterator[dict[str, Any]]:
    for n_unstable in np.unique(view.n_unstable).tolist():
        places = view.points[view.n_unstable == n_unstable][:, list(plane)]
        border = {"width": 1.5, "color": look.colour("paper")}
        marker = {"size": 10, "symbol": "diamond", "color": kind_colour(n_unstable, look)}
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": places[:, 0],
            "y": places[:, 1],
            "marker": marker | {"line": border},
            "name": kind_name(n_unstable, look),
            "legendgroup": str(n_unstable),
            "showlegend": number == 1,
            **on_axes(number),
        }
