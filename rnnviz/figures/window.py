"""Window of a recording as heatmaps, whatever its length."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.panels import Panel
from rnnviz.analysis.window import RecordingWindow, aggregated
from rnnviz.figures.axes import axis_pair, margin, on_axes, panel_height, stacked, unit_axis
from rnnviz.figures.heatmap import panel_heatmap
from rnnviz.figures.notes import panel_title, untrained_note
from rnnviz.figures.panels import Domains
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.time_axis import step_label
from rnnviz.figures.type_scale import at_scale

# Up to so many cells all go to the browser as exact numbers, four bytes each.
MOST_CELLS = 100_000


def figure(
    view: RecordingWindow, look: Look, how: str = "farthest", *, height: int = 0
) -> PlotlyJson:
    """A heatmap a signal; the time axis counts steps, from 1.

    how     what a column of several steps shows, as in `rnnviz.analysis.window.aggregated`.
    height  of the whole figure in pixels; by default what its panels need.
    """
    panels = [aggregated(panel, how) for panel in view.panels]
    heights = [panel_height(panel, view.cell) for panel in panels]
    height, domains = stacked(heights, height, scale=look.scale)
    placed = list(enumerate(zip(panels, domains, strict=True), start=1))
    drawn = {
        "data": [_heatmap(panel, view, n, domain, look) for n, (panel, domain) in placed],
        "layout": {
            "height": height,
            "margin": margin(panels),
            "annotations": [
                *(_title(panel, number, look) for number, (panel, _) in placed),
                *untrained_note(view.is_trained, look, yshift=-3),
            ],
            "showlegend": False,
            **_axes(view, panels, domains, look),
            **base_layout(look),
            "dragmode": "zoom",
        },
    }
    return at_scale(drawn, look.scale)


def _title(panel: Panel, number: int, look: Look) -> dict[str, Any]:
    return panel_title(panel, on_axes(number), look, is_under_tokens=number == 1)


def _heatmap(
    panel: Panel, view: RecordingWindow, number: int, domain: list[float], look: Look
) -> dict[str, Any]:
    is_quantised = _n_cells(view) > MOST_CELLS
    return panel_heatmap(panel, domain, look, is_quantised=is_quantised) | {
        "x0": view.start + 1 + (view.step - 1) / 2,
        "dx": view.step,
        **on_axes(number),
        # What a click on it picks: this signal, and the unit of the row.
        "meta": [{"signal": panel.signal.name, "units": list(panel.units)}],
        "hovertemplate": _hover(panel, view, look),
    }


def _n_cells(view: RecordingWindow) -> int:
    return view.n_columns * sum(len(panel.units) for panel in view.panels)


def _hover(panel: Panel, view: RecordingWindow, look: Look) -> str:
    value = " %{z:.4f}" if _n_cells(view) <= MOST_CELLS else ""
    axis, step = look.word(f"axis.{panel.axis}"), look.word("axis.step")
    around = f" ± {view.step // 2:,}" if view.step > 1 else ""
    where = f"{axis} %{{y}}<br>{step} %{{x:,.0f}}{around}"
    return f"<b>{look.signal(panel.signal)}{value}</b><br>{where}<extra></extra>"


def _axes(
    view: RecordingWindow, panels: list[Panel], domains: Domains, look: Look
) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for number, (panel, domain) in enumerate(zip(panels, domains, strict=True), start=1):
        time = {
            "type": "linear",
            **({"matches": "x"} if number > 1 else {}),
            "showticklabels": False,
            "range": [view.start + 0.5, view.stop + 0.5],
            "minallowed": 0.5,
            "maxallowed": view.n_steps + 0.5,
        }
        rows = unit_axis(panel) | {"domain": domain, "fixedrange": True}
        axes |= axis_pair(number, time, rows)
    axes["xaxis"] |= {
        "side": "top",
        "showticklabels": True,
        "tickformat": ",d",
        "tickfont": {"size": 12, "color": look.colour("ink")},
        "tickangle": 0,
        "nticks": 8,
    }
    if view.step == 1 and view.n_columns <= 64:
        axes["xaxis"] |= {
            "tickvals": list(range(view.start + 1, view.stop + 1)),
            "ticktext": [step_label(view.start + t, token) for t, token in enumerate(view.tokens)],
        }
    return axes
