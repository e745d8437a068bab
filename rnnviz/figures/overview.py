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
    columns = len({layer.direction for layer in trace.layers})
    titles = [_title(layer, language) for layer in _placed(trace)]
    height = 2 * _EDGE + levels * (_ROW + _GAP)
    figure = make_subplots(
        levels,
        columns,
        subplot_titles=titles,
        vertical_spacing=_GAP / height,
        horizontal_spacing=0.02,
    )
    for place, layer in enumerate(_placed(trace)):
        at = (place // columns + 1, place % columns + 1)
        figure.add_trace(_heatmap(layer, trace.sequence.lengths[row], row), *at)
    figure.update_annotations(font={"size": 11, "color": colour("soft", dark)})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, autorange="reversed")
    edge = {"l": 4, "r": 4, "t": _EDGE, "b": 4}
    return figure.update_layout(height=height, margin=edge, **layout(dark))


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
