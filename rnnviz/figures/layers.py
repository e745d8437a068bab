"""Every layer of a network at a glance: the hidden state of each, level over level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.analysis.layers import LayerStates, layer_states
from rnnviz.engine.trace import Trace
from rnnviz.figures.theme import colour, layout
from rnnviz.i18n import word

_ROW, _GAP, _EDGE = 54, 20, 20
_ARROWS = {"forward": "→", "backward": "←"}


def overview(trace: Trace, *, row: int = 0, language: str = "en", dark: bool = False) -> go.Figure:
    """Hidden states (unit × time) of all layers of one batch row, the lowest level at the bottom.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2, n_layers=3, bidirectional=True)
    >>> len(overview(rv.trace(model, [[0.5], [0.1]])).data)
    6
    """
    return draw(layer_states(trace, row), language=language, dark=dark)


def draw(view: Sequence[LayerStates], *, language: str = "en", dark: bool = False) -> go.Figure:
    """The same of layers that are already chosen."""
    levels = 1 + max(pane.level for pane in view)
    # "forward" sorts after "backward", and stands before it.
    directions = sorted({pane.direction for pane in view}, reverse=True)
    height = 2 * _EDGE + levels * (_ROW + _GAP)
    figure = make_subplots(
        levels,
        len(directions),
        specs=_specs(view, levels, len(directions)),
        subplot_titles=[_title(pane, language) for pane in _placed(view)],
        vertical_spacing=_GAP / height,
        horizontal_spacing=0.02,
    )
    for pane in view:
        column = directions.index(pane.direction) + 1 if _is_both(view, pane.level) else 1
        figure.add_trace(_heatmap(pane), levels - pane.level, column)
    figure.update_annotations(font={"size": 11, "color": colour("soft", dark)})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, autorange="reversed")
    edge = {"l": 4, "r": 4, "t": _EDGE, "b": 4}
    return figure.update_layout(height=height, margin=edge, **layout(dark))


def _is_both(view: Sequence[LayerStates], level: int) -> bool:
    return sum(pane.level == level for pane in view) > 1


def _specs(
    view: Sequence[LayerStates], levels: int, columns: int
) -> list[list[dict[str, int] | None]]:
    """A level that reads in one direction takes the whole row."""
    wide: list[dict[str, int] | None] = [{"colspan": columns}, *([None] * (columns - 1))]
    each: list[dict[str, int] | None] = [{} for _ in range(columns)]
    return [each if _is_both(view, level) else wide for level in reversed(range(levels))]


def _placed(view: Sequence[LayerStates]) -> list[LayerStates]:
    """The top level first, as a stack is drawn; forward before backward."""
    return sorted(view, key=lambda pane: (-pane.level, pane.direction == "backward"))


def _title(pane: LayerStates, language: str) -> str:
    return f"{word('layer.number', language, number=pane.level + 1)} {_ARROWS[pane.direction]}"


def _heatmap(pane: LayerStates) -> Any:
    limit = max(float(np.abs(pane.values).max()), 1e-12)
    return go.Heatmap(
        z=pane.values.astype(np.float32),
        zmin=-limit,
        zmax=limit,
        colorscale="RdBu_r",
        showscale=False,
        hoverinfo="skip",
    )
