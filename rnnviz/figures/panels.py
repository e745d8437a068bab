"""Panels over one time axis, as heatmaps (unit × time) or as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.theme import colour, layout, scale
from rnnviz.trace import Trace
from rnnviz.views.panels import Panel, Panels, panels
from rnnviz.words import word

TOP, GAP, BOTTOM, BOTTOM_OF_LINES = 58, 26, 22, 46


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
    count = len(view.panels)
    bottom = BOTTOM_OF_LINES if as_lines else BOTTOM
    height = height or TOP + bottom + count * 84 + (count - 1) * GAP
    inner = height - TOP - bottom
    figure = make_subplots(count, 1, shared_xaxes=True, vertical_spacing=GAP / inner)
    traces: Callable[..., list[Any]] = _lines if as_lines else _heatmap
    for number, panel in enumerate(view.panels, start=1):
        figure.add_traces(traces(panel, view, figure, number, language, dark), number, 1)
        figure.add_annotation(title(panel, number, language, dark))
    if not view.is_trained:
        figure.add_annotation(untrained(as_lines, language, dark))
    figure.update_layout(height=height, margin=margin(view.panels, bottom), **layout(dark))
    figure.update_layout(_axes(view, count, as_lines, dark))
    figure.update_layout(showlegend=as_lines, legend=_LEGEND)
    return figure


def margin(shown: Iterable[Panel], bottom: int) -> dict[str, int]:
    """Room around the panels: for their labels, the titles and what stands below."""
    longest = max(len(unit) for panel in shown for unit in panel.units)
    return {"l": 14 + 8 * min(longest, 12), "r": 46, "t": TOP, "b": bottom}


def _heatmap(
    panel: Panel, view: Panels, figure: go.Figure, number: int, language: str, dark: bool
) -> list[Any]:
    return [
        go.Heatmap(
            z=panel.values.astype(np.float32),
            x=_steps(view),
            y=rows(panel),
            name=panel.signal.name,
            # What a click on it picks: this signal, and the unit of the row.
            meta={"signal": panel.signal.name, "units": list(panel.units)},
            zmin=panel.low,
            zmax=panel.high,
            colorscale=scale(panel),
            colorbar=colourbar(panel, figure.layout[f"yaxis{axis_end(number)}"].domain, dark),
            hovertemplate=_hover(panel, language, "%{z:.4f}", "%{y}"),
        )
    ]


def _lines(
    panel: Panel, view: Panels, figure: go.Figure, number: int, language: str, dark: bool
) -> list[Any]:
    first = next((p for p in view.panels if not p.is_apart), None)
    label = word("axis.unit", language)
    return [
        go.Scatter(
            x=_steps(view),
            y=line.astype(np.float32),
            name=f"{label} {unit}",
            meta={"signal": panel.signal.name, "units": [unit]},
            legendgroup=unit,
            showlegend=panel is first,
            mode="lines+markers" if view.n_steps == 1 else "lines",
            line={"color": _LINES[i % len(_LINES)], "width": 1.8},
            hovertemplate=_hover(panel, language, "%{y:.4f}", unit),
        )
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
# Okabe & Ito (2008), told apart by colour-blind eyes; black left out for dark pages.
_LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8f7fe0", "#b3a100")


def rows(panel: Panel) -> list[str]:
    """A category for every line of a panel."""
    # Categories must differ; labels need not (two outputs may look alike).
    return [str(row) for row in range(len(panel.units))]


def _steps(view: Panels) -> list[str]:
    return [str(view.start + t + 1) for t in range(view.n_steps)]


def _hover(panel: Panel, language: str, value: str, unit: str) -> str:
    name = word(f"signal.{panel.signal.name}", language)
    label = word(f"axis.{panel.axis}", language)
    step = word("axis.step", language)
    return f"<b>{name} {value}</b><br>{label} {unit}<br>{step} %{{x}}<extra></extra>"


def axis_end(number: int) -> str:
    """What comes after an axis' letter in Plotly: x, x2, x3, …"""
    return "" if number == 1 else str(number)


def colourbar(panel: Panel, domain: tuple[float, float], dark: bool) -> dict[str, Any]:
    """A thin one beside the panel that stands there, its ends in numbers."""
    bottom, top = domain
    ends = [panel.low, panel.high] if panel.low == 0 else [panel.low, 0, panel.high]
    return {
        "len": top - bottom,
        "y": (top + bottom) / 2,
        "x": 1.0,
        "xpad": 6,
        "ypad": 0,
        "thickness": 7,
        "outlinewidth": 0,
        "tickvals": ends,
        "ticktext": [f"{end:.3g}".replace("-", "−") for end in ends],
        "tickfont": {"size": 10, "color": colour("soft", dark)},
    }


def title(panel: Panel, number: int, language: str, dark: bool) -> dict[str, Any]:
    """The signal's name, symbol and meaning over the panel of that number."""
    name = panel.signal.name
    axis = axis_end(number)
    colour_, soft = colour(name, dark), colour("soft", dark)
    said = word(f"signal.{name}", language)
    gloss = word(f"gloss.{panel.signal.explained}", language)
    symbol = f"<i>{panel.signal.symbol}</i>"
    return {
        "text": f'<b style="color:{colour_}">{said}</b> {symbol}'
        f'  <span style="color:{soft};font-size:11px">{gloss}</span>',
        "xref": f"x{axis} domain",
        "yref": f"y{axis} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 34 if number == 1 else 2,
        "showarrow": False,
        "font": {"size": 13, "color": colour_},
    }


def untrained(as_lines: bool, language: str, dark: bool) -> dict[str, Any]:
    """That the weights are random, under the last panel."""
    return {
        "text": word("figure.untrained", language),
        "xref": "paper",
        "yref": "paper",
        "x": 1,
        "y": 0,
        "xanchor": "right",
        "yanchor": "top",
        # Under the legend of the lines.
        "yshift": -26 if as_lines else -3,
        "showarrow": False,
        "font": {"size": 11, "color": colour("soft", dark)},
    }


def _axes(view: Panels, count: int, as_lines: bool, dark: bool) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for number, panel in enumerate(view.panels, start=1):
        end = axis_end(number)
        axes[f"xaxis{end}"] = {
            "type": "category",
            "showticklabels": False,
            "range": [-0.5, view.n_steps - 0.5],
            "minallowed": -0.5,
            "maxallowed": view.n_steps - 0.5,
        }
        axes[f"yaxis{end}"] = _value_axis(panel) if as_lines else unit_axis(panel)
    axes["xaxis"] |= {
        "side": "top",
        "showticklabels": True,
        "labelalias": {
            str(t + 1): label(t, token) for t, token in enumerate(view.tokens, start=view.start)
        },
        "tickfont": {"size": 12, "color": colour("ink", dark)},
        "tickangle": 0,
        "nticks": _fitting(view),
    }
    return axes


def _fitting(view: Panels) -> int:
    """Labels that stand side by side without touching on a figure of usual width."""
    widest = max(*map(len, view.tokens), len(str(view.start + view.n_steps)), 2)
    return max(2, 640 // (8 * widest + 6))


def unit_axis(panel: Panel) -> dict[str, Any]:
    """Units top to bottom, by their labels."""
    return {
        "type": "category",
        "autorange": "reversed",
        "nticks": 6,
        "tickfont": {"size": 10},
        "labelalias": dict(zip(rows(panel), map(_safe, panel.units), strict=True)),
    }


def _value_axis(panel: Panel) -> dict[str, Any]:
    pad = 0.05 * (panel.high - panel.low)
    return {"range": [panel.low - pad, panel.high + pad], "nticks": 3, "tickfont": {"size": 10}}


def label(time: int, token: str) -> str:
    """A step's number (from 1) over its token."""
    return f'<span style="font-size:9px">{time + 1}</span><br>{_safe(token)}'


def _safe(text: str) -> str:
    # Plotly reads a few HTML tags in labels; a token is shown as it was typed.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
