"""What surrounds panels over one time axis: titles, axes with their labels, colour bars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.figures.plotly_json import numbered
from rnnviz.figures.theme import colour
from rnnviz.i18n import word

# What stands over the panels, between them and below, in pixels.
TOP, GAP, BOTTOM, BOTTOM_OF_LINES = 58, 26, 22, 46


def margin(shown: Iterable[Panel], bottom: int) -> dict[str, int]:
    """Room around the panels: for their labels, the titles and what stands below."""
    longest = max(len(unit) for panel in shown for unit in panel.units)
    return {"l": 14 + 8 * min(longest, 12), "r": 46, "t": TOP, "b": bottom}


def rows(panel: Panel) -> list[str]:
    """A name for every row, on which its axis counts: 0, 1, …"""
    # Categories must differ; labels need not (two outputs may look alike).
    return [str(row) for row in range(len(panel.units))]


def steps(view: Panels) -> list[str]:
    """A name for every step: 1, 2, … in the whole sequence."""
    return [str(view.start + t + 1) for t in range(view.n_steps)]


def labels(view: Panels) -> list[str]:
    """The same for readers: a step's number over its token."""
    return [label(t, token) for t, token in enumerate(view.tokens, start=view.start)]


def colourbar(
    ends: list[float], span: list[float], dark: bool, marks: list[float] | None = None
) -> dict[str, Any]:
    """The scale beside a heatmap that spans this part of the height, its ends written.

    marks  what the ends are in the heatmap's own numbers; by default themselves.
    """
    bottom, top = span
    return {
        "len": top - bottom,
        "y": (top + bottom) / 2,
        "x": 1.0,
        "xpad": 6,
        "ypad": 0,
        "thickness": 7,
        "outlinewidth": 0,
        "tickvals": marks or ends,
        "ticktext": list(map(said, ends)),
        "tickfont": {"size": 10, "color": colour("soft", dark)},
    }


def said(end: float) -> str:
    """A number that a colour scale names."""
    return f"{end:.3g}".replace("-", "−")


def title(
    panel: Panel,
    number: int,
    language: str,
    dark: bool,
    *,
    gloss: str | None = None,
    is_top: bool | None = None,
    across: str | None = None,
) -> dict[str, Any]:
    """What stands over a panel: its name, its symbol, and `gloss` or what it does.

    is_top  whether the tokens stand between; by default over the first panel.
    across  its axis of time; by default its own.
    """
    name = panel.signal.name
    axis = numbered(number)
    colour_, soft = colour(name, dark), colour("soft", dark)
    named = word(f"signal.{name}", language)
    explained = word(f"gloss.{panel.signal.gloss_key}", language) if gloss is None else safe(gloss)
    symbol = f"<i>{panel.signal.symbol}</i>"
    return {
        "text": f'<b style="color:{colour_}">{named}</b> {symbol}'
        f'  <span style="color:{soft};font-size:11px">{explained}</span>',
        "xref": f"{across or f'x{axis}'} domain",
        "yref": f"y{axis} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 34 if (number == 1 if is_top is None else is_top) else 2,
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
    """One axis of time, and one of units, or values, for every panel.

    spans  where on the height each panel begins and ends.
    """
    across = {"anchor": "y", "domain": [0, 1]} | time_axis(view) | token_axis(view, dark)
    made: dict[str, dict[str, Any]] = {"xaxis": across}
    for number, (panel, span) in enumerate(zip(view.panels, spans, strict=True), start=1):
        own = _value_axis(panel) if as_lines else unit_axis(panel)
        made[f"yaxis{numbered(number)}"] = {"anchor": "x", "domain": span} | own
    return made


def time_axis(view: Panels) -> dict[str, Any]:
    """A column a step, without labels."""
    return {
        "type": "category",
        "showticklabels": False,
        "range": [-0.5, view.n_steps - 0.5],
        "minallowed": -0.5,
        "maxallowed": view.n_steps - 0.5,
    }


def token_axis(view: Panels, dark: bool) -> dict[str, Any]:
    """The labels of the steps, over the first panel."""
    return {
        "side": "top",
        "showticklabels": True,
        "labelalias": dict(zip(steps(view), labels(view), strict=True)),
        "tickfont": {"size": 12, "color": colour("ink", dark)},
        "tickangle": 0,
        "nticks": _fitting(view),
    }


def _fitting(view: Panels) -> int:
    """Labels that stand side by side without touching on a figure of usual width."""
    widest = max(*map(len, view.tokens), len(str(view.start + view.n_steps)), 2)
    return max(2, 640 // (8 * widest + 6))


def unit_axis(panel: Panel) -> dict[str, Any]:
    """A panel's lines from top to bottom, by their labels."""
    labels = dict(zip(rows(panel), map(safe, panel.units), strict=True))
    # Where every line is called by its number there is nothing to look up, nor to compare.
    aliases = {} if all(row == said for row, said in labels.items()) else labels
    return {
        "type": "category",
        "autorange": "reversed",
        "nticks": 6,
        "tickfont": {"size": 10},
        **({"labelalias": aliases} if aliases else {}),
    }


def _value_axis(panel: Panel) -> dict[str, Any]:
    pad = 0.05 * (panel.high - panel.low)
    return {"range": [panel.low - pad, panel.high + pad], "nticks": 3, "tickfont": {"size": 10}}


def label(time: int, token: str) -> str:
    """A step's number, from 1, over its token; once where the token is that number."""
    if token == str(time + 1):
        return token
    return f'<span style="font-size:9px">{time + 1}</span><br>{safe(token)}'


def safe(text: str) -> str:
    """A text as it was typed, where Plotly would read a few HTML tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def marked(figure: dict[str, Any], start: int, stop: int, *, dark: bool = False) -> dict[str, Any]:
    """The same figure with the steps `start` … `stop` − 1, counted from 0, between two lines.

    >>> figure = marked({"data": [], "layout": {"height": 300}}, 1, 2)
    >>> [shape["x0"] for shape in figure["layout"]["shapes"]]
    [0.5, 1.5]
    """
    # Categories are counted from 0; the lines lie between them, over all panels.
    lines = [_line(edge, dark) for edge in (start - 0.5, stop - 0.5)]
    return figure | {"layout": figure["layout"] | {"shapes": lines}}


def _line(x: float, dark: bool) -> dict[str, Any]:
    line = {"color": colour("ink", dark), "width": 1.5, "dash": "dash"}
    ends = {"xref": "x", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "line", **ends, "line": line}
