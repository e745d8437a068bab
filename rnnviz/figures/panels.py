"""Panels over one time axis: heatmaps (unit × time), strips of inputs, curves, lines of units."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.figures.axes import (
    BOTTOM,
    BOTTOM_OF_LINES,
    TOP,
    axis_suffix,
    margin,
    on_axes,
    panel_height,
    stacked,
    unit_axis,
    value_axis,
)
from rnnviz.figures.colour_raster import colorbar_image, colorbar_labels, colorbar_width
from rnnviz.figures.curves import (
    LINES,
    answer_curves,
    class_targets,
    curve_axis,
    strip_axis,
    strip_ends,
    strips,
    strips_width,
)
from rnnviz.figures.heatmap import (
    hover_text,
    is_ranked,
    ranked,
    ranked_heatmap,
    ranked_targets,
    step_heatmap,
)
from rnnviz.figures.marks import frames, panel_marks
from rnnviz.figures.notes import panel_title, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.time_axis import step_ids, time_axis, token_axis, without_numbers
from rnnviz.figures.type_scale import at_scale

Domains = list[list[float]]
Traces = list[dict[str, Any]]


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
    shown = [ranked(p) if is_ranked(p, view) and not as_lines else p for p in view.panels]
    heights = [panel_height(panel, view.cell, as_lines=as_lines) for panel in shown]
    height, domains = stacked(heights, look.height or height, bottom, look.scale)
    inner = height / look.scale - TOP - bottom
    placed = list(enumerate(zip(view.panels, domains, strict=True), start=1))
    drawn: dict[str, Any] = {
        "data": [
            trace | _axes_of(number)
            for number, (panel, domain) in placed
            for trace in _traces(panel, view, domain, look, as_lines, is_quantised)
        ],
        "layout": {
            "annotations": [
                *_titles(view, look, gloss),
                *(
                    end
                    for _, (panel, domain) in placed
                    for end in (strip_ends(panel, domain, look) if panel.form == "strips" else ())
                ),
                # Under the legend of the lines.
                *untrained_note(view.is_trained, look, yshift=-26 if as_lines else -3),
            ],
            **_shapes(view, look, as_lines),
            "height": height,
            "margin": _margin(shown, bottom),
            "showlegend": as_lines,
            "legend": _LEGEND,
            **_axes(view, shown, domains, as_lines, look, is_quantised, inner),
            **base_layout(look),
        },
    }
    if is_quantised and not as_lines:
        drawn = _with_colorbar_images(drawn, shown, domains, look)
    return at_scale(drawn, look.scale)


def _traces(
    panel: Panel, view: Panels, domain: list[float], look: Look, as_lines: bool, is_quantised: bool
) -> Traces:
    if panel.form == "strips":
        return strips(panel, view, look)
    if panel.form == "curves":
        return answer_curves(panel, view, look)
    if not _is_heatmap(panel, as_lines):
        return _lines(panel, view, look)
    if is_ranked(panel, view):
        return [ranked_heatmap(panel, view, domain, look, is_quantised=is_quantised)]
    has_targets = panel.targets is not None and not np.isnan(panel.targets).all()
    rings = [class_targets(panel, view, look)] if has_targets else []
    return [step_heatmap(panel, view, domain, look, is_quantised=is_quantised), *rings]


def _margin(shown: list[Panel], bottom: int) -> dict[str, int]:
    """Room around the panels, on the right also for the numbers of strips."""
    room = margin(shown, bottom=bottom)
    widths = [strips_width(panel) for panel in shown if panel.form == "strips"]
    return room | {"r": max(room["r"], *widths)} if widths else room


def _shapes(view: Panels, look: Look, as_lines: bool) -> dict[str, Any]:
    """Marks over the heatmaps, where there are any."""
    marks = [
        mark
        for number, panel in enumerate(view.panels, start=1)
        if _is_heatmap(panel, as_lines)
        for mark in (
            frames(ranked_targets(panel), number)
            if is_ranked(panel, view)
            else panel_marks(panel, number, look)
        )
    ]
    return {"shapes": [mark | {"xref": "x"} for mark in marks]} if marks else {}


def _is_heatmap(panel: Panel, as_lines: bool) -> bool:
    return panel.form == "heatmap" and not (as_lines and not panel.has_own_axis)


def _axes_of(number: int) -> dict[str, str]:
    return on_axes(number) | {"xaxis": "x"}


def _titles(view: Panels, look: Look, gloss: str | None) -> list[dict[str, Any]]:
    return [
        panel_title(
            panel,
            _axes_of(n),
            look,
            gloss=gloss,
            is_under_tokens=n == 1,
            mark="□" if is_ranked(panel, view) else "",
        )
        for n, panel in enumerate(view.panels, start=1)
    ]


def _axes(
    view: Panels,
    shown: list[Panel],
    domains: Domains,
    as_lines: bool,
    look: Look,
    is_quantised: bool,
    inner: float,
) -> dict[str, Any]:
    """One axis of time, and one of units, or values, for every panel.

    inner  height of all panels in pixels of type in its usual size.
    """
    has_strips = any(panel.form == "strips" for panel in shown)
    labels = token_axis(without_numbers(view) if has_strips else view, look, has_all=is_quantised)
    axes: dict[str, Any] = {
        "xaxis": {"anchor": "y", "domain": [0, 1]} | time_axis(view) | labels,
    }
    for number, (panel, domain) in enumerate(zip(shown, domains, strict=True), start=1):
        if _is_heatmap(panel, as_lines):
            own = unit_axis(panel, inner * (domain[1] - domain[0]))
        else:
            own = {"strips": strip_axis, "curves": curve_axis}.get(panel.form, value_axis)(panel)
        axes[f"yaxis{axis_suffix(number)}"] = {"anchor": "x", "domain": domain} | own
    return axes


def _with_colorbar_images(
    drawn: dict[str, Any], shown: list[Panel], domains: Domains, look: Look
) -> dict[str, Any]:
    """Heatmaps with images for colour bars; the first trace names the steps for all."""
    first, *others = map(_without_colorbar, drawn["data"])
    layout = drawn["layout"]
    edges = layout["margin"]
    inner = round(layout["height"] / look.scale) - edges["t"] - edges["b"]
    placed = [p for p in zip(shown, domains, strict=True) if p[0].form == "heatmap"]
    labels = [label for place in placed for label in colorbar_labels(*place, inner, look)]
    widths = [colorbar_width(panel) for panel, _ in placed]
    changed = {
        "images": [colorbar_image(*place, inner, look) for place in placed],
        "annotations": [*layout["annotations"], *labels],
        "margin": edges | {"r": max(edges["r"], *widths)},
    }
    return {
        "data": [first | {"x": drawn["data"][0]["x"]}, *others],
        "layout": layout | changed,
    }


def _without_colorbar(trace: dict[str, Any]) -> dict[str, Any]:
    """Trace, of a heatmap also without its steps, which the first one names for all."""
    if trace["type"] != "heatmap":
        return trace
    kept = {name: part for name, part in trace.items() if name not in ("x", "colorbar")}
    return kept | {"showscale": False}


def _lines(panel: Panel, view: Panels, look: Look) -> Traces:
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
            "line": {"color": LINES[i % len(LINES)], "width": 1.8},
            "hovertemplate": hover_text(panel, look, "%{y:.4f}", unit),
        }
        for i, (unit, line) in enumerate(zip(panel.units, panel.values, strict=True))
    ]


_LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 0,
    "yanchor": "top",
    "font": {"size": 11},
}
