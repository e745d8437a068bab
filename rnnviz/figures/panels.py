"""Panels over one time axis, as heatmaps (unit × time) or as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.analysis.panels import Panel, Panels, panels
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.figures import colour_raster
from rnnviz.figures.axes import (
    BOTTOM,
    BOTTOM_OF_LINES,
    GAP,
    TOP,
    axes,
    colourbar,
    labels,
    margin,
    rows,
    steps,
    title,
    untrained,
)
from rnnviz.figures.colour_raster import SHADES, ends, marks, shades
from rnnviz.figures.plotly_json import Drawn, domains, numbered
from rnnviz.figures.theme import layout, scale, stops
from rnnviz.i18n import word


def heatmap(trace: Trace, signal: str, *, language: str = "en", **choices: Any) -> go.Figure:
    """One signal as a heatmap, units top to bottom, time left to right.

    `choices` are those of `rnnviz.analysis.panels.panels`: layer, row, order, units.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5]]])
    >>> heatmap(trace, "update").data[0].name
    'update'
    """
    return draw(panels(trace, [signal], **choices), language=language)


def gates(
    trace: Trace, signals: Iterable[str] | None = None, *, language: str = "en", **choices: Any
) -> go.Figure:
    """All signals of a layer (or those named), one heatmap under the other on one time axis."""
    return draw(panels(trace, signals, **choices), language=language)


def lines(
    trace: Trace,
    units: Iterable[int],
    signals: Iterable[str] | None = None,
    *,
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """The same for a few units as lines over time, a colour a unit."""
    return draw(panels(trace, signals, units=units, **choices), as_lines=True, language=language)


def draw(
    view: Panels,
    *,
    as_lines: bool = False,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
    gloss: str | None = None,
) -> go.Figure:
    """A view as a figure: a title over every panel, tokens over the first.

    height   of the whole figure in pixels; by default what its panels need.
    gloss    what stands beside every signal's name; by default what explains it.
    """
    return go.Figure(
        spec(view, as_lines=as_lines, language=language, dark=dark, height=height, gloss=gloss)
    )


def light(
    view: Panels,
    *,
    as_lines: bool = False,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
    gloss: str | None = None,
) -> Drawn:
    """The same picture for a page with a player, which holds the numbers already.

    A heatmap is sent in 255 shades, a byte a cell, half a shade from its number at most; what
    stands under the pointer is said by the player.
    """
    look: dict[str, Any] = {"language": language, "dark": dark, "height": height, "gloss": gloss}
    return Drawn(spec(view, as_lines=as_lines, is_light=True, **look))


def spec(
    view: Panels,
    *,
    as_lines: bool = False,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
    gloss: str | None = None,
    is_light: bool = False,
) -> dict[str, Any]:
    """The dictionary that `draw` and `light` make a figure of; a page needs no more.

    is_light  for a page with a player, as `light` draws it.
    """
    count = len(view.panels)
    bottom = BOTTOM_OF_LINES if as_lines else BOTTOM
    height = height or TOP + bottom + count * 84 + (count - 1) * GAP
    gap = GAP / (height - TOP - bottom)
    spans = domains([1] * count, gap)[::-1]
    data: list[dict[str, Any]] = []
    for number, (panel, span) in enumerate(zip(view.panels, spans, strict=True), start=1):
        if as_lines:
            drawn = _lines(panel, view, language)
        else:
            drawn = [in_cells(panel, view, span, language, dark, is_light=is_light)]
        data += [one | _place(number) for one in drawn]
    notes = [
        title(panel, number, language, dark, gloss=gloss, across="x")
        for number, panel in enumerate(view.panels, start=1)
    ]
    if not view.is_trained:
        notes.append(untrained(as_lines, language, dark))
    made: dict[str, Any] = {
        "annotations": notes,
        "height": height,
        "margin": margin(view.panels, bottom),
        "showlegend": as_lines,
        "legend": _LEGEND,
        **axes(view, spans, as_lines, dark),
        **layout(dark),
    }
    figure = {"data": data, "layout": made}
    return _lightened(figure, view, spans, dark) if is_light and not as_lines else figure


def _lightened(
    figure: dict[str, Any], view: Panels, spans: list[list[float]], dark: bool
) -> dict[str, Any]:
    """Heatmaps with images for colour bars, and steps that are named as they are labelled."""
    first, *others = map(_bare, figure["data"])
    made = figure["layout"]
    inner = made["height"] - made["margin"]["t"] - made["margin"]["b"]
    beside = list(zip(view.panels, spans, strict=True))
    # Plotly would compare the dictionary of labels whenever a page hands it the figure again.
    across = {name: part for name, part in made["xaxis"].items() if name != "labelalias"}
    changed = {
        "xaxis": across,
        "images": [colour_raster.image(panel, span, inner) for panel, span in beside],
        "annotations": [
            *made["annotations"],
            *(note for panel, span in beside for note in colour_raster.notes(panel, span, dark)),
        ],
        "margin": made["margin"]
        | {"r": max(made["margin"]["r"], *map(colour_raster.room, view.panels))},
    }
    return {"data": [first | {"x": labels(view)}, *others], "layout": made | changed}


def _bare(heatmap: dict[str, Any]) -> dict[str, Any]:
    """Without a bar of its own, and without the steps, which the first one names for all."""
    kept = {name: part for name, part in heatmap.items() if name not in ("x", "colorbar")}
    return kept | {"showscale": False}


def _place(number: int) -> dict[str, str]:
    return {"xaxis": "x", "yaxis": f"y{numbered(number)}"}


def in_cells(
    panel: Panel,
    view: Panels,
    span: list[float],
    language: str,
    dark: bool,
    *,
    is_light: bool = False,
) -> dict[str, Any]:
    """A panel as a heatmap, its colour scale beside it.

    span      where on the figure's height it begins and ends.
    is_light  for a page with a player, as `light` draws it.
    """
    name = panel.signal.name
    in_shades = shades(panel) if is_light else None
    at = None if in_shades is None else marks(panel)
    return {
        "type": "heatmap",
        "name": name,
        # What a click on it picks, with the unit of the row.
        "meta": [{"signal": name}],
        "x": steps(view),
        "y": rows(panel),
        "colorscale": stops(scale(panel)),
        "colorbar": colourbar(ends(panel), span, dark, at),
    } | (_exactly(panel, language) if in_shades is None else _lightly(in_shades))


def _exactly(panel: Panel, language: str) -> dict[str, Any]:
    return {
        "z": panel.values.astype(np.float32),
        "zmin": panel.low,
        "zmax": panel.high,
        "hovertemplate": _hover(panel, language, "%{z:.4f}", "%{y}"),
    }


def _lightly(in_shades: Array) -> dict[str, Any]:
    return {
        "z": in_shades,
        "zmin": 0,
        "zmax": SHADES,
        # The event comes, and the label is the player's.
        "hoverinfo": "none",
    }


def _lines(panel: Panel, view: Panels, language: str) -> list[dict[str, Any]]:
    first = next((p for p in view.panels if not p.has_own_axis), None)
    label = word("axis.unit", language)
    return [
        {
            "type": "scatter",
            "x": steps(view),
            "y": line.astype(np.float32),
            "name": f"{label} {unit}",
            "meta": [{"signal": panel.signal.name, "units": [unit]}],
            "legendgroup": unit,
            "showlegend": panel is first,
            "mode": "lines+markers" if view.n_steps == 1 else "lines",
            "line": {"color": _LINES[i % len(_LINES)], "width": 1.8},
            "hovertemplate": _hover(panel, language, "%{y:.4f}", unit),
        }
        for i, (unit, line) in enumerate(zip(panel.units, panel.values, strict=True))
    ]


def _hover(panel: Panel, language: str, value: str, unit: str) -> str:
    name = word(f"signal.{panel.signal.name}", language)
    label = word(f"axis.{panel.axis}", language)
    step = word("axis.step", language)
    return f"<b>{name} {value}</b><br>{label} {unit}<br>{step} %{{x}}<extra></extra>"


_LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 0,
    "yanchor": "top",
    "font": {"size": 11},
}
# Okabe & Ito (2008), told apart by colour-blind eyes; black left out for dark pages.
_LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8f7fe0", "#b3a100")
