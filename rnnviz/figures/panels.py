"""Panels over one time axis, as heatmaps (unit × time) or as lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.figures.axes import (
    BOTTOM,
    BOTTOM_OF_LINES,
    axis_suffix,
    margin,
    on_axes,
    row_ids,
    stacked,
    step_ids,
    step_labels,
    time_axis,
    token_axis,
    unit_axis,
    value_axis,
)
from rnnviz.figures.colour_raster import (
    LEVELS,
    colorbar_image,
    colorbar_labels,
    colorbar_width,
    quantise,
    quantised_ticks,
    scale_ticks,
    tick_label,
)
from rnnviz.figures.notes import panel_title, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, colorbar, colorscale, scale_of

Domains = list[list[float]]


def figure(
    view: Panels,
    look: Look,
    *,
    as_lines: bool = False,
    height: int = 0,
    gloss: str | None = None,
    is_quantised: bool = False,
) -> PlotlyJson:
    """Panels one under the other: a title over every one, tokens over the first.

    height        of the whole figure in pixels; by default what its panels need.
    gloss         what stands beside every signal's name; by default what explains it.
    is_quantised  for a page with a player, which holds the numbers and says what stands under the
                  pointer: a heatmap is sent in 255 levels, a byte a cell, half a level from its
                  number at most.
    """
    bottom = BOTTOM_OF_LINES if as_lines else BOTTOM
    height, domains = stacked(len(view.panels), height, bottom)
    drawn: dict[str, Any] = {
        "data": _traces(view, domains, look, as_lines, is_quantised),
        "layout": {
            "annotations": [
                *_titles(view, look, gloss),
                # Under the legend of the lines.
                *untrained_note(view.is_trained, look, yshift=-26 if as_lines else -3),
            ],
            "height": height,
            "margin": margin(view.panels, bottom=bottom),
            "showlegend": as_lines,
            "legend": _LEGEND,
            **_axes(view, domains, as_lines, look),
            **base_layout(look),
        },
    }
    if is_quantised and not as_lines:
        return _with_colorbar_images(drawn, view, domains, look)
    return drawn


def _traces(
    view: Panels, domains: Domains, look: Look, as_lines: bool, is_quantised: bool
) -> list[dict[str, Any]]:
    traces = []
    for number, (panel, domain) in enumerate(zip(view.panels, domains, strict=True), start=1):
        if as_lines:
            own = _lines(panel, view, look)
        else:
            own = [step_heatmap(panel, view, domain, look, is_quantised=is_quantised)]
        traces += [trace | _axes_of(number) for trace in own]
    return traces


def _axes_of(number: int) -> dict[str, str]:
    return on_axes(number) | {"xaxis": "x"}


def _titles(view: Panels, look: Look, gloss: str | None) -> list[dict[str, Any]]:
    return [
        panel_title(panel, _axes_of(n), look, gloss=gloss, is_under_tokens=n == 1)
        for n, panel in enumerate(view.panels, start=1)
    ]


def _axes(view: Panels, domains: Domains, as_lines: bool, look: Look) -> dict[str, Any]:
    """One axis of time, and one of units, or values, for every panel."""
    time = {"anchor": "y", "domain": [0, 1]} | time_axis(view) | token_axis(view, look)
    axes: dict[str, Any] = {"xaxis": time}
    for number, (panel, domain) in enumerate(zip(view.panels, domains, strict=True), start=1):
        own = value_axis(panel) if as_lines else unit_axis(panel)
        axes[f"yaxis{axis_suffix(number)}"] = {"anchor": "x", "domain": domain} | own
    return axes


def _with_colorbar_images(
    drawn: dict[str, Any], view: Panels, domains: Domains, look: Look
) -> dict[str, Any]:
    """Heatmaps with images for colour bars, and steps that are named as they are labelled."""
    first, *others = map(_without_colorbar, drawn["data"])
    layout = drawn["layout"]
    edges = layout["margin"]
    inner = layout["height"] - edges["t"] - edges["b"]
    placed = list(zip(view.panels, domains, strict=True))
    labels = [label for place in placed for label in colorbar_labels(*place, look)]
    # Plotly would compare the dictionary of labels whenever a page hands it the figure again.
    time = {name: part for name, part in layout["xaxis"].items() if name != "labelalias"}
    changed = {
        "xaxis": time,
        "images": [colorbar_image(*place, inner) for place in placed],
        "annotations": [*layout["annotations"], *labels],
        "margin": edges | {"r": max(edges["r"], *map(colorbar_width, view.panels))},
    }
    return {"data": [first | {"x": step_labels(view)}, *others], "layout": layout | changed}


def _without_colorbar(heatmap: dict[str, Any]) -> dict[str, Any]:
    """Heatmap also without its steps, which the first one names for all."""
    kept = {name: part for name, part in heatmap.items() if name not in ("x", "colorbar")}
    return kept | {"showscale": False}


def step_heatmap(
    panel: Panel, view: Panels, domain: list[float], look: Look, *, is_quantised: bool = False
) -> dict[str, Any]:
    """Heatmap of a panel with a column a step; arguments as in `panel_heatmap`."""
    heatmap = panel_heatmap(panel, domain, look, is_quantised=is_quantised)
    if heatmap["z"].dtype == np.uint8:
        # The event comes, and the label is the player's.
        hover = {"hoverinfo": "none"}
    else:
        hover = {"hovertemplate": _hover(panel, look, "%{z:.4f}", "%{y}")}
    # What a click picks, with the unit of the row.
    return heatmap | hover | {"meta": [{"signal": panel.signal.name}], "x": step_ids(view)}


def panel_heatmap(
    panel: Panel, domain: list[float], look: Look, *, is_quantised: bool = False
) -> dict[str, Any]:
    """Rows of a panel as a heatmap, its colour bar beside it.

    domain        the part of the figure's height that it takes.
    is_quantised  in bytes, where every value is finite.
    """
    levels = quantise(panel) if is_quantised else None
    ticks = scale_ticks(panel)
    if levels is None:
        at = ticks
        cells = {"z": panel.values.astype(np.float32), "zmin": panel.low, "zmax": panel.high}
    else:
        at = quantised_ticks(panel)
        cells = {"z": levels, "zmin": 0, "zmax": LEVELS}
    bottom, top = domain
    bar = colorbar(
        at,
        ticktext=list(map(tick_label, ticks)),
        tickfont={"size": 10, "color": look.colour("soft")},
        len=top - bottom,
        x=1.0,
        y=(top + bottom) / 2,
    )
    return {
        "type": "heatmap",
        "name": panel.signal.name,
        **cells,
        "y": row_ids(panel),
        "colorscale": colorscale(scale_of(panel)),
        "colorbar": bar,
    }


def _lines(panel: Panel, view: Panels, look: Look) -> list[dict[str, Any]]:
    first = next((p for p in view.panels if not p.has_own_axis), None)
    return [
        {
            "type": "scatter",
            "x": step_ids(view),
            "y": line.astype(np.float32),
            "name": f"{look.word('axis.unit')} {unit}",
            "meta": [{"signal": panel.signal.name, "units": [unit]}],
            "legendgroup": unit,
            "showlegend": panel is first,
            "mode": "lines+markers" if view.n_steps == 1 else "lines",
            "line": {"color": _LINES[i % len(_LINES)], "width": 1.8},
            "hovertemplate": _hover(panel, look, "%{y:.4f}", unit),
        }
        for i, (unit, line) in enumerate(zip(panel.units, panel.values, strict=True))
    ]


def _hover(panel: Panel, look: Look, value: str, unit: str) -> str:
    axis, step = look.word(f"axis.{panel.axis}"), look.word("axis.step")
    return (
        f"<b>{look.signal(panel.signal)} {value}</b><br>{axis} {unit}<br>{step} %{{x}}"
        "<extra></extra>"
    )


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
