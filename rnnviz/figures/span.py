"""A window of a recording as heatmaps, whatever its length."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.figures.panels import (
    BOTTOM,
    GAP,
    TOP,
    axis_end,
    colourbar,
    label,
    margin,
    rows,
    title,
    unit_axis,
    untrained,
)
from rnnviz.figures.theme import colour, layout, scale
from rnnviz.views.panels import Panel
from rnnviz.views.span import Span, shown
from rnnviz.words import word

# Whole numbers up to 254, a byte a place: 255 would be written in another way by Plotly.
SHADES = 254
# Up to so many places all go to the browser as exact numbers, four bytes each.
MOST_CELLS = 100_000


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
    domains = _domains(count, height)
    notes = [title(panel, number, language, dark) for number, panel in enumerate(panels, start=1)]
    if not view.is_trained:
        notes.append(untrained(False, language, dark))
    # In one go: a figure that is added to piece by piece takes longer than all of its numbers.
    return go.Figure(
        [
            _heatmap(panel, view, number, domain, language, dark)
            for number, (panel, domain) in enumerate(zip(panels, domains, strict=True), start=1)
        ],
        {
            "height": height,
            "margin": margin(panels, BOTTOM),
            "annotations": notes,
            "showlegend": False,
            **_axes(view, panels, domains, dark),
            **layout(dark),
            "dragmode": "zoom",
        },
    )


def _domains(count: int, height: int) -> list[tuple[float, float]]:
    """Where each panel stands, from the top down, as parts of the height inside the margins."""
    inner = height - TOP - BOTTOM
    each = (inner - (count - 1) * GAP) / count
    tops = [inner - i * (each + GAP) for i in range(count)]
    return [(max(0.0, (top - each) / inner), top / inner) for top in tops]


def _heatmap(
    panel: Panel,
    view: Span,
    number: int,
    domain: tuple[float, float],
    language: str,
    dark: bool,
) -> dict[str, Any]:
    end = axis_end(number)
    return {
        "type": "heatmap",
        **(_exactly(panel) if _cells(view) <= MOST_CELLS else _in_shades(panel)),
        "x0": view.start + 1 + (view.step - 1) / 2,
        "dx": view.step,
        "y": rows(panel),
        "xaxis": f"x{end}",
        "yaxis": f"y{end}",
        "name": panel.signal.name,
        # What a click on it picks: this signal, and the unit of the row.
        "meta": {"signal": panel.signal.name, "units": list(panel.units)},
        "colorscale": scale(panel),
        "colorbar": colourbar(panel, domain, dark) | _marks(panel, view),
        "hovertemplate": _hover(panel, view, language),
    }


def _cells(view: Span) -> int:
    return view.n_columns * sum(len(panel.units) for panel in view.panels)


def _exactly(panel: Panel) -> dict[str, Any]:
    return {"z": panel.values, "zmin": panel.low, "zmax": panel.high}


def _in_shades(panel: Panel) -> dict[str, Any]:
    return {"z": shades(panel), "zmin": 0, "zmax": SHADES}


def shades(panel: Panel) -> Any:
    """Values (row, column) as whole numbers from 0 at `low` to 254 at `high`."""
    part = (panel.values - panel.low) / (panel.high - panel.low)
    return np.rint(np.clip(part, 0, 1) * SHADES).astype(np.uint8)


def _marks(panel: Panel, view: Span) -> dict[str, Any]:
    """Where the colour bar's numbers stand, in shades."""
    if _cells(view) <= MOST_CELLS:
        return {}
    return {"tickvals": [0, SHADES] if panel.low == 0 else [0, SHADES / 2, SHADES]}


def _hover(panel: Panel, view: Span, language: str) -> str:
    value = " %{z:.4f}" if _cells(view) <= MOST_CELLS else ""
    name = word(f"signal.{panel.signal.name}", language)
    axis, step = word(f"axis.{panel.axis}", language), word("axis.step", language)
    around = f" ± {view.step // 2:,}" if view.step > 1 else ""
    where = f"{axis} %{{y}}<br>{step} %{{x:,.0f}}{around}"
    return f"<b>{name}{value}</b><br>{where}<extra></extra>"


def _axes(
    view: Span, panels: list[Panel], domains: list[tuple[float, float]], dark: bool
) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for number, (panel, domain) in enumerate(zip(panels, domains, strict=True), start=1):
        end = axis_end(number)
        axes[f"xaxis{end}"] = {
            "type": "linear",
            "anchor": f"y{end}",
            "matches": "x" if number > 1 else None,
            "showticklabels": False,
            "range": [view.start + 0.5, view.stop + 0.5],
            "minallowed": 0.5,
            "maxallowed": view.n_steps + 0.5,
        }
        axes[f"yaxis{end}"] = unit_axis(panel) | {
            "anchor": f"x{end}",
            "domain": domain,
            "fixedrange": True,
        }
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
