"""A window of a recording as heatmaps, whatever its length."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from rnnviz.analysis.panels import Panel
from rnnviz.analysis.window import RecordingWindow, aggregated, recording_window
from rnnviz.figures.axes import (
    BOTTOM,
    GAP,
    TOP,
    colourbar,
    label,
    margin,
    rows,
    title,
    unit_axis,
    untrained,
)
from rnnviz.figures.colour_raster import SHADES, ends, marks, shades
from rnnviz.figures.plotly_json import Drawn, domains, numbered
from rnnviz.figures.theme import colour, layout, scale, stops
from rnnviz.i18n import word
from rnnviz.recordings.recording import Recording

# Up to so many places all go to the browser as exact numbers, four bytes each.
MOST_CELLS = 100_000


def window(
    recording: Recording,
    start: int = 0,
    stop: int | None = None,
    *,
    how: str = "farthest",
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """Steps `start` up to `stop` of a recording as heatmaps, whatever their number.

    how      "farthest", "mean", "least" or "most": what a column of several steps shows.
    choices  signals, layer, order, units, columns and rows, as in
             `rnnviz.analysis.window.recording_window`.
    """
    return draw(recording_window(recording, start, stop, **choices), how, language=language)


def draw(
    view: RecordingWindow,
    how: str = "farthest",
    *,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
) -> go.Figure:
    """A window as a figure; its time axis counts steps, from 1.

    how     what a column of several steps shows, as in `rnnviz.analysis.window.aggregated`.
    height  of the whole figure in pixels; by default what its panels need.
    """
    return go.Figure(_spec(view, how, language, dark, height))


def light(
    view: RecordingWindow,
    how: str = "farthest",
    *,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
) -> Drawn:
    """The same picture for a page: nothing of it is looked at again before it is sent."""
    return Drawn(_spec(view, how, language, dark, height))


def _spec(
    view: RecordingWindow, how: str, language: str, dark: bool, height: int
) -> dict[str, Any]:
    panels = [aggregated(panel, how) for panel in view.panels]
    count = len(panels)
    height = height or TOP + BOTTOM + count * 84 + (count - 1) * GAP
    spans = domains([1] * count, GAP / (height - TOP - BOTTOM))[::-1]
    notes = [title(panel, number, language, dark) for number, panel in enumerate(panels, start=1)]
    if not view.is_trained:
        notes.append(untrained(False, language, dark))
    return {
        "data": [
            _heatmap(panel, view, number, span, language, dark)
            for number, (panel, span) in enumerate(zip(panels, spans, strict=True), start=1)
        ],
        "layout": {
            "height": height,
            "margin": margin(panels, BOTTOM),
            "annotations": notes,
            "showlegend": False,
            **_axes(view, panels, spans, dark),
            **layout(dark),
            "dragmode": "zoom",
        },
    }


def _heatmap(
    panel: Panel, view: RecordingWindow, number: int, span: list[float], language: str, dark: bool
) -> dict[str, Any]:
    end = numbered(number)
    in_shades = shades(panel) if _cells(view) > MOST_CELLS else None
    if in_shades is None:
        values = {"z": panel.values, "zmin": panel.low, "zmax": panel.high}
        bar = colourbar(ends(panel), span, dark)
    else:
        values = {"z": in_shades, "zmin": 0, "zmax": SHADES}
        bar = colourbar(ends(panel), span, dark, marks(panel))
    return {
        "type": "heatmap",
        **values,
        "x0": view.start + 1 + (view.step - 1) / 2,
        "dx": view.step,
        "y": rows(panel),
        "xaxis": f"x{end}",
        "yaxis": f"y{end}",
        "name": panel.signal.name,
        # What a click on it picks: this signal, and the unit of the row.
        "meta": [{"signal": panel.signal.name, "units": list(panel.units)}],
        "colorscale": stops(scale(panel)),
        "colorbar": bar,
        "hovertemplate": _hover(panel, view, language),
    }


def _cells(view: RecordingWindow) -> int:
    return view.n_columns * sum(len(panel.units) for panel in view.panels)


def _hover(panel: Panel, view: RecordingWindow, language: str) -> str:
    value = " %{z:.4f}" if _cells(view) <= MOST_CELLS else ""
    name = word(f"signal.{panel.signal.name}", language)
    axis, step = word(f"axis.{panel.axis}", language), word("axis.step", language)
    around = f" ± {view.step // 2:,}" if view.step > 1 else ""
    where = f"{axis} %{{y}}<br>{step} %{{x:,.0f}}{around}"
    return f"<b>{name}{value}</b><br>{where}<extra></extra>"


def _axes(
    view: RecordingWindow, panels: list[Panel], spans: list[list[float]], dark: bool
) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for number, (panel, span) in enumerate(zip(panels, spans, strict=True), start=1):
        end = numbered(number)
        axes[f"xaxis{end}"] = {
            "type": "linear",
            "anchor": f"y{end}",
            **({"matches": "x"} if number > 1 else {}),
            "showticklabels": False,
            "range": [view.start + 0.5, view.stop + 0.5],
            "minallowed": 0.5,
            "maxallowed": view.n_steps + 0.5,
        }
        axes[f"yaxis{end}"] = unit_axis(panel) | {
            "anchor": f"x{end}",
            "domain": span,
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
