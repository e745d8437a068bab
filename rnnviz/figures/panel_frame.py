"""What surrounds panels over one time axis: titles, axes with their labels, colour bars."""

from __future__ import annotations

from typing import Any

from rnnviz.figures.drawn import numbered
from rnnviz.figures.theme import colour
from rnnviz.views.panels import Panel, Panels
from rnnviz.words import word


def rows(panel: Panel) -> list[str]:
    """A name for every row, on which its axis counts: 0, 1, …"""
    # Categories must differ; labels need not (two outputs may look alike).
    return [str(row) for row in range(len(panel.units))]


def steps(view: Panels) -> list[str]:
    """A name for every step: 1, 2, …"""
    return [str(t + 1) for t in range(view.n_steps)]


def colourbar(ends: list[float], span: list[float], dark: bool) -> dict[str, Any]:
    """The scale beside a heatmap that spans this part of the height, its ends written."""
    bottom, top = span
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
    """What stands over a panel: its name, its symbol, what it does."""
    name = panel.signal.name
    axis = numbered(number)
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
    """The note that the weights are random."""
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


def axes(
    view: Panels, spans: list[list[float]], as_lines: bool, dark: bool
) -> dict[str, dict[str, Any]]:
    """An axis of time and one of units, or values, for every panel; panels move in time together.

    spans  where on the height each panel begins and ends.
    """
    count = len(view.panels)
    made: dict[str, dict[str, Any]] = {}
    for number, (panel, span) in enumerate(zip(view.panels, spans, strict=True), start=1):
        end = numbered(number)
        across = made[f"xaxis{end}"] = {
            "anchor": f"y{end}",
            "domain": [0, 1],
            "type": "category",
            "showticklabels": False,
            "range": [-0.5, view.n_steps - 0.5],
            "minallowed": -0.5,
            "maxallowed": view.n_steps - 0.5,
        }
        if number < count:
            across["matches"] = f"x{count}"
        own = _value_axis(panel) if as_lines else _unit_axis(panel)
        made[f"yaxis{end}"] = {"anchor": f"x{end}", "domain": span} | own
    made["xaxis"] |= {
        "side": "top",
        "showticklabels": True,
        "labelalias": {str(t + 1): _label(t, token) for t, token in enumerate(view.tokens)},
        "tickfont": {"size": 12, "color": colour("ink", dark)},
        "tickangle": 0,
        "nticks": _fitting(view),
    }
    return made


def _fitting(view: Panels) -> int:
    """Labels that stand side by side without touching on a figure of usual width."""
    widest = max(*map(len, view.tokens), len(str(view.n_steps)), 2)
    return max(2, 640 // (8 * widest + 6))


def _unit_axis(panel: Panel) -> dict[str, Any]:
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


def _label(time: int, token: str) -> str:
    return f'<span style="font-size:9px">{time + 1}</span><br>{_safe(token)}'


def _safe(text: str) -> str:
    # Plotly reads a few HTML tags in labels; a token is shown as it was typed.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
