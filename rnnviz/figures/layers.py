"""Every layer of a network at a glance: the hidden state of each, level over level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.analysis.layers import LayerStates
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, diverging_heatmap
from rnnviz.figures.type_scale import with_type_scale

_ROW, _GAP, _EDGE = 54, 20, 20
_ARROWS = {"forward": "→", "backward": "←"}


@with_type_scale
def figure(view: Sequence[LayerStates], look: Look) -> PlotlyJson:
    """Hidden states (unit × time) of all layers, the lowest level at the bottom.

    A level that reads in both directions has forward beside backward; one direction alone takes
    the whole width.
    """
    n_levels = 1 + max(layer.level for layer in view)
    height = 2 * _EDGE + n_levels * (_ROW + _GAP)
    rows = domains([1] * n_levels, _GAP / height)
    # The top level first, as a stack is drawn; forward before backward.
    ordered = sorted(view, key=lambda layer: (-layer.level, layer.direction == "backward"))
    placed = [(layer, _column(view, layer), rows[layer.level]) for layer in ordered]
    axes: dict[str, Any] = {}
    for number, (_, x, y) in enumerate(placed, start=1):
        units = {"domain": y, "visible": False, "autorange": "reversed"}
        axes |= axis_pair(number, {"domain": x, "visible": False}, units)
    return {
        "data": [_heatmap(layer, number, look) for number, layer in enumerate(ordered, start=1)],
        "layout": {
            "height": height,
            "margin": {"l": 4, "r": 4, "t": _EDGE, "b": 4},
            "annotations": [_title(*place, look) for place in placed],
            **axes,
            **base_layout(look),
        },
    }


def _column(view: Sequence[LayerStates], layer: LayerStates) -> list[float]:
    if sum(other.level == layer.level for other in view) == 1:
        return [0.0, 1.0]
    return domains([1, 1], 0.02)[layer.direction == "backward"]


def _title(layer: LayerStates, x: list[float], y: list[float], look: Look) -> dict[str, Any]:
    text = f"{look.word('layer.number', number=layer.level + 1)} {_ARROWS[layer.direction]}"
    place = PAPER | {"x": sum(x) / 2, "y": y[1], "xanchor": "center", "yanchor": "bottom"}
    return note(text, look.colour("soft"), 11, place)


def _heatmap(layer: LayerStates, number: int, look: Look) -> dict[str, Any]:
    limit = max(float(np.abs(layer.values).max()), 1e-12)
    options = {"showscale": False, "hoverinfo": "skip"}
    return diverging_heatmap(layer.values, limit, look.dark, **options, **on_axes(number))
