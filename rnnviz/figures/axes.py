"""Axes of stacked panels over one time axis: where each stands, its labels, marked steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.figures.notes import as_typed, step_label
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look

# Room over the panels, between them and below, in pixels.
TOP, GAP, BOTTOM, BOTTOM_OF_LINES = 58, 26, 22, 46
_ROW = 84


def stacked(n_panels: int, height: int, bottom: int = BOTTOM) -> tuple[int, list[list[float]]]:
    """Height of a figure in pixels, and the domain of every panel from the top one down.

    height  as asked for; 0 for what the panels need.
    """
    height = height or TOP + bottom + n_panels * _ROW + (n_panels - 1) * GAP
    return height, domains([1] * n_panels, GAP / (height - TOP - bottom))[::-1]


def domains(shares: Sequence[float], gap: float) -> list[list[float]]:
    """Begin and end of parts side by side on 0…1, of these shares, a gap between them.

    >>> domains([0.75, 0.25], 0.2)
    [[0.0, 0.6], [0.8, 1.0]]
    """
    room = 1 - gap * (len(shares) - 1)
    ends = list(accumulate(room * share / sum(shares) for share in shares))
    starts = [0.0, *ends[:-1]]
    parts = enumerate(zip(starts, ends, strict=True))
    return [[round(low + i * gap, 9), round(high + i * gap, 9)] for i, (low, high) in parts]


def axis_suffix(number: int) -> str:
    """End of the names of an axis: "" for the first, "2" for the second, …"""
    return "" if number == 1 else str(number)


def axis_pair(number: int, x: dict[str, Any], y: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Layout of the x and y axis of this number, each anchored to the other.

    >>> axis_pair(2, {"domain": [0, 1]}, {})
    {'xaxis2': {'anchor': 'y2', 'domain': [0, 1]}, 'yaxis2': {'anchor': 'x2'}}
    """
    end = axis_suffix(number)
    return {f"xaxis{end}": {"anchor": f"y{end}"} | x, f"yaxis{end}": {"anchor": f"x{end}"} | y}


def on_axes(number: int, kind: str = "axis") -> dict[str, str]:
    """References of a trace, or with kind "ref" of a shape, to the axes of this number."""
    end = axis_suffix(number)
    return {f"x{kind}": f"x{end}", f"y{kind}": f"y{end}"}


def margin(panels: Iterable[Panel], top: int = TOP, bottom: int = BOTTOM) -> dict[str, int]:
    """Room around panels: for their labels, the titles and what stands below."""
    longest = max(len(unit) for panel in panels for unit in panel.units)
    return {"l": 14 + 8 * min(longest, 12), "r": 46, "t": top, "b": bottom}


def row_ids(panel: Panel) -> list[str]:
    """Category of every row: 0, 1, … Labels may be alike (two outputs), categories may not."""
    return [str(row) for row in range(len(panel.units))]


def step_ids(view: Panels) -> list[str]:
    """Category of every step: 1, 2, … in the whole sequence."""
    return [str(view.start + t + 1) for t in range(view.n_steps)]


def step_labels(view: Panels) -> list[str]:
    """Label of every step: its number over its token."""
    return [step_label(t, token) for t, token in enumerate(view.tokens, start=view.start)]


def time_axis(view: Panels) -> dict[str, Any]:
    """Axis with a column a step, without labels."""
    return {
        "type": "category",
        "showticklabels": False,
        "range": [-0.5, view.n_steps - 0.5],
        "minallowed": -0.5,
        "maxallowed": view.n_steps - 0.5,
    }


def token_axis(view: Panels, look: Look) -> dict[str, Any]:
    """Labels of the steps over the first panel."""
    return {
        "side": "top",
        "showticklabels": True,
        "labelalias": dict(zip(step_ids(view), step_labels(view), strict=True)),
        "tickfont": {"size": 12, "color": look.colour("ink")},
        "tickangle": 0,
        "nticks": _most_labels(view),
    }


def _most_labels(view: Panels) -> int:
    """Labels that stand side by side without touching on a figure of usual width."""
    widest = max(*map(len, view.tokens), len(str(view.start + view.n_steps)), 2)
    return max(2, 640 // (8 * widest + 6))


def unit_axis(panel: Panel) -> dict[str, Any]:
    """A heatmap's rows from top to bottom, by their labels."""
    labels = dict(zip(row_ids(panel), map(as_typed, panel.units), strict=True))
    # Where every row is called by its number there is nothing to look up, nor to compare.
    aliases = {} if all(row == label for row, label in labels.items()) else labels
    return {
        "type": "category",
        "autorange": "reversed",
        "nticks": 6,
        "tickfont": {"size": 10},
        **({"labelalias": aliases} if aliases else {}),
    }


def value_axis(panel: Panel) -> dict[str, Any]:
    """Values of a panel of lines."""
    pad = 0.05 * (panel.high - panel.low)
    return {"range": [panel.low - pad, panel.high + pad], "nticks": 3, "tickfont": {"size": 10}}


def highlight(figure: PlotlyJson, start: int, stop: int, look: Look) -> PlotlyJson:
    """Figure with the steps `start` … `stop` − 1, counted from 0, between two dashed lines.

    >>> figure = highlight({"data": [], "layout": {"height": 300}}, 1, 2, Look())
    >>> [shape["x0"] for shape in figure["layout"]["shapes"]]
    [0.5, 1.5]
    """
    line = {"color": look.colour("ink"), "width": 1.5, "dash": "dash"}
    ends = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "line": line}
    # Categories are counted from 0; the lines lie between them, over all panels.
    lines = [ends | {"x0": edge, "x1": edge} for edge in (start - 0.5, stop - 0.5)]
    return figure | {"layout": figure["layout"] | {"shapes": lines}}
