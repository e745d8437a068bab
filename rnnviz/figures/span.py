"""A window of a recording as heatmaps, whatever its length."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.panels import (
    BOTTOM,
    GAP,
    TOP,
    colourbar,
    label,
    margin,
    title,
    unit_axis,
    untrained,
)
from rnnviz.figures.theme import colour, layout, scale
from rnnviz.views.panels import Panel
from rnnviz.views.span import Span, shown
from rnnviz.words import word

# Plotly takes 255 for "no such shade" in a scale of whole numbers up to 254.
_SHADES = 254


def draw(
    view: Span,
    how: str = "farthest",
    *,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
) -> go.Figure:
    """A window as a figure; its time axis counts steps, from 1.

    how     what a column of several steps shows, as in `rnnviz.views.span.shown`.
    height  of the whole figure in pixels; by default what its panels need.
    """
    panels = [shown(panel, how) for panel in view.panels]
    count = len(panels)
    height = height or TOP + BOTTOM + count * 84 + (count - 1) * GAP
    spacing = GAP / (height - TOP - BOTTOM)
    figure = make_subplots(count, 1, shared_xaxes=True, vertical_spacing=spacing)
    for number, panel in enumerate(panels, start=1):
        figure.add_trace(_heatmap(panel, view, figure, number, language, dark), number, 1)
        figure.add_annotation(title(panel, number, language, dark))
    if not view.is_trained:
        figure.add_annotation(untrained(False, language, dark))
    figure.update_layout(height=height, margin=margin(panels, BOTTOM), **layout(dark))
    figure.update_layout(_axes(view, panels, dark), showlegend=False)
    return figure


def _heatmap(
    panel: Panel, view: Span, figure: go.Figure, number: int, language: str, dark: bool
) -> go.Heatmap:
    return go.Heatmap(
        z=shades(panel),
        x0=view.start + 1 + (view.step - 1) / 2,
        dx=view.step,
        y=[str(row) for row in range(len(panel.units))],
        name=panel.signal.name,
        meta={"signal": panel.signal.name, "units": list(panel.units)},
        zmin=0,
        zmax=_SHADES,
        colorscale=scale(panel),
        colorbar=colourbar(panel, figure, number, dark) | {"tickvals": _marks(panel)},
        hovertemplate=_hover(panel, view, language),
    )


def shades(panel: Panel) -> Any:
    """Values (row, column) as whole numbers from 0 at `low` to 254 at `high`."""
    part = (panel.values - panel.low) / (panel.high - panel.low)
    return np.rint(np.clip(part, 0, 1) * _SHADES).astype(np.uint8)


def _marks(panel: Panel) -> list[float]:
    return [0, _SHADES] if panel.low == 0 else [0, _SHADES / 2, _SHADES]


def _hover(panel: Panel, view: Span, language: str) -> str:
    name = word(f"signal.{panel.signal.name}", language)
    axis = word(f"axis.{panel.axis}", language)
    step = word("axis.step", language)
    return f"<b>{name}</b><br>{axis} %{{y}}<br>{step} %{{x}}<extra></extra>"


def _axes(view: Span, panels: list[Panel], dark: bool) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for number, panel in enumerate(panels, start=1):
        end = "" if number == 1 else str(number)
        axes[f"xaxis{end}"] = {
            "type": "linear",
            "showticklabels": False,
            "range": [view.start + 0.5, view.stop + 0.5],
            "minallowed": 0.5,
            "maxallowed": view.n_steps + 0.5,
        }
        axes[f"yaxis{end}"] = unit_axis(panel) | {"fixedrange": True}
    axes["xaxis"] |= {
        "side": "top",
        "showticklabels": True,
        "tickformat": ",d",
        "tickfont": {"size": 12, "color": colour("ink", dark)},
        "tickangle": 0,
        "nticks": 8,
    }
    if view.step == 1 and view.n_columns <= 64:
        axes["xaxis"] |= {
            "tickvals": list(range(view.start + 1, view.stop + 1)),
            "ticktext": [label(view.start + t, token) for t, token in enumerate(view.tokens)],
        }
    return axes
