"""Panels over one time axis, as heatmaps (unit × time) or as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import get_colorscale

from rnnviz.figures.drawn import Drawn, domains, numbered
from rnnviz.figures.panel_frame import axes, colourbar, rows, steps, title, untrained
from rnnviz.figures.theme import layout, scale
from rnnviz.frozen import Array
from rnnviz.trace import Trace
from rnnviz.views.panels import Panel, Panels, panels
from rnnviz.words import word

_TOP, _GAP, _BOTTOM, _BOTTOM_OF_LINES = 58, 26, 22, 46
# 255 would be "////" in base64, which JSON for a page writes with six letters each.
_SHADES = 254


def heatmap(trace: Trace, signal: str, *, language: str = "en", **choices: Any) -> go.Figure:
    """One signal as a heatmap, units top to bottom, time left to right.

    `choices` are those of `rnnviz.views.panels.panels`: layer, row, order, units.

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
) -> go.Figure:
    """A view as a figure: a title over every panel, tokens over the first.

    height   of the whole figure in pixels; by default what its panels need.
    """
    return go.Figure(_spec(view, as_lines, language, dark, height, is_light=False))


def light(
    view: Panels,
    *,
    as_lines: bool = False,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
) -> Drawn:
    """The same picture for a page with a player, which holds the numbers already.

    A heatmap is sent in 255 shades, a byte a cell, half a shade from its number at most; what
    stands under the pointer is said by the player.
    """
    return Drawn(_spec(view, as_lines, language, dark, height, is_light=True))


def _spec(
    view: Panels, as_lines: bool, language: str, dark: bool, height: int, *, is_light: bool
) -> dict[str, Any]:
    count = len(view.panels)
    bottom = _BOTTOM_OF_LINES if as_lines else _BOTTOM
    height = height or _TOP + bottom + count * 84 + (count - 1) * _GAP
    gap = _GAP / (height - _TOP - bottom)
    spans = domains([1] * count, gap)[::-1]
    data: list[dict[str, Any]] = []
    for number, (panel, span) in enumerate(zip(view.panels, spans, strict=True), start=1):
        if as_lines:
            drawn = _lines(panel, view, language)
        else:
            shades = _shades(panel) if is_light else None
            drawn = [_heatmap(panel, view, span, shades, language, dark)]
        data += [one | _place(number) for one in drawn]
    notes = [title(panel, i, language, dark) for i, panel in enumerate(view.panels, start=1)]
    if not view.is_trained:
        notes.append(untrained(as_lines, language, dark))
    return {
        "data": data,
        "layout": {
            "annotations": notes,
            "height": height,
            "margin": _margin(view, bottom),
            "showlegend": as_lines,
            "legend": _LEGEND,
            **axes(view, spans, as_lines, dark),
            **layout(dark),
        },
    }


def _place(number: int) -> dict[str, str]:
    return {"xaxis": f"x{numbered(number)}", "yaxis": f"y{numbered(number)}"}


def _margin(view: Panels, bottom: int) -> dict[str, int]:
    longest = max(len(unit) for panel in view.panels for unit in panel.units)
    return {"l": 14 + 8 * min(longest, 12), "r": 46, "t": _TOP, "b": bottom}


def _shades(panel: Panel) -> Array | None:
    """The numbers as shades from 0 to SHADES; None where one of them is none."""
    if not np.isfinite(panel.values).all():
        return None
    scaled = (panel.values - panel.low) * (_SHADES / (panel.high - panel.low))
    return np.clip(np.rint(scaled), 0, _SHADES).astype(np.uint8)


def _heatmap(
    panel: Panel,
    view: Panels,
    span: list[float],
    shades: Array | None,
    language: str,
    dark: bool,
) -> dict[str, Any]:
    name = panel.signal.name
    ends = [panel.low, panel.high] if panel.low == 0 else [panel.low, 0, panel.high]
    bar = colourbar(ends, span, dark)
    heatmap = {
        "type": "heatmap",
        "name": name,
        # What a click on it picks, with the unit of the row.
        "meta": {"signal": name},
        "colorscale": get_colorscale(scale(panel)),
    }
    if shades is None:
        return heatmap | {
            "z": panel.values.astype(np.float32),
            "x": steps(view),
            "y": rows(panel),
            "zmin": panel.low,
            "zmax": panel.high,
            "colorbar": bar,
            "hovertemplate": _hover(panel, language, "%{z:.4f}", "%{y}"),
        }
    at = [_SHADES * (end - panel.low) / (panel.high - panel.low) for end in ends]
    return heatmap | {
        "z": shades,
        "x": steps(view),
        "y": rows(panel),
        "zmin": 0,
        "zmax": _SHADES,
        "colorbar": bar | {"tickvals": at},
        # The event comes, and the label is the player's.
        "hoverinfo": "none",
    }


def _lines(panel: Panel, view: Panels, language: str) -> list[dict[str, Any]]:
    first = next((p for p in view.panels if not p.is_apart), None)
    label = word("axis.unit", language)
    return [
        {
            "type": "scatter",
            "x": steps(view),
            "y": line.astype(np.float32),
            "name": f"{label} {unit}",
            "meta": {"signal": panel.signal.name, "units": [unit]},
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
