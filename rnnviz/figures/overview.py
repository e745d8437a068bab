"""Every layer of a network at a glance: the hidden state of each, level over level."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.theme import colour, layout
from rnnviz.trace import LayerTrace, Trace
from rnnviz.words import word

_ROW, _GAP, _EDGE = 54, 20, 20
_ARROWS = {"forward": "→", "backward": "←"}


def overview(trace: Trace, *, row: int = 0, language: str = "en", dark: bool = False) -> go.Figure:
    """Hidden states (unit × time) of all layers of one batch row, the lowest level at the bottom.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2, n_layers=3, bidirectional=True)
    >>> len(overview(rv.trace(model, [[0.5], [0.1]])).data)
    6
    """
    levels = 1 + max(layer.level for layer in trace.layers)
    # "forward" sorts after "backward", and stands before it.
    directions = sorted({layer.direction for layer in trace.layers}, reverse=True)
    height = 2 * _EDGE + levels * (_ROW + _GAP)
    figure = make_subplots(
        levels,
        len(directions),
        specs=_specs(trace, levels, len(directions)),
        subplot_titles=[_title(layer, language) for layer in _placed(trace)],
        vertical_spacing=_GAP / height,
        horizontal_spacing=0.02,
    )
    for layer in trace.layers:
        column = directions.index(layer.direction) + 1 if _is_both(trace, layer.level) else 1
        figure.add_trace(
            _heatmap(layer, trace.sequence.lengths[row], row), levels - layer.level, column
        )
    figure.update_annotations(font={"size": 11, "color": colour("soft", dark)})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, autorange="reversed")
    edge = {"l": 4, "r": 4, "t": _EDGE, "b": 4}
    return figure.update_layout(height=height, margin=edge, **layout(dark))


def _is_both(trace: Trace, level: int) -> bool:
    return sum(layer.level == level for layer in trace.layers) > 1


def _specs(trace: Trace, levels: int, columns: int) -> list[list[dict[str, int] | None]]:
    """A level that reads in one direction takes the whole row."""
    wide: list[dict[str, int] | None] = [{"colspan": columns}, *([None] * (columns - 1))]
    each: list[dict[str, int] | None] = [{} for _ in range(columns)]
    return [each if _is_both(trace, level) else wide for level in reversed(range(levels))]


def _placed(trace: Trace) -> list[LayerTrace]:
    """The top level first, as a stack is drawn; forward before backward."""
    return sorted(trace.layers, key=lambda layer: (-layer.level, layer.direction == "backward"))


def _title(layer: LayerTrace, language: str) -> str:
    return f"{word('layer.number', language, number=layer.level + 1)} {_ARROWS[layer.direction]}"


def _heatmap(layer: LayerTrace, length: int, row: int) -> Any:
    values = layer.signals["hidden"][:length, row].T
    limit = max(float(np.abs(values).max()), 1e-12)
    return go.Heatmap(
        z=values.astype(np.float32),
        zmin=-limit,
        zmax=limit,
        colorscale="RdBu_r",
        showscale=False,
        hoverinfo="skip",
    )
