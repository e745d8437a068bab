"""Axes of stacked panels: how high each is and where it stands, its rows, marked steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from rnnviz.analysis.panels import Panel
from rnnviz.analysis.unit_steps import memory_state
from rnnviz.cells import CELLS
from rnnviz.figures.notes import as_typed
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look

# Room over the panels, between them and below, in pixels.
TOP, GAP, BOTTOM, BOTTOM_OF_LINES = 58, 26, 22, 46
# The least room between panels of a figure of a given height in larger type.
_LEAST_GAP = 20
# The least height of a panel there, in pixels of type in its usual size.
_LEAST_PANEL = 34
# Pixels that a name of a row needs, and a room for all of them.
_ROW_TYPE, _MOST_ROOM = 12, 10_000
# Heights of panels in pixels: the memory is tall, gates are thin, what has names has room for them.
_MEMORY, _GATE, _OTHER, _LINES = 150, 52, 72, 84
_STRIP, _NAMED_ROW, _CURVES = 26, 17, 78
# Rows that all have their names.
MOST_NAMED = 16


def panel_height(panel: Panel, cell: str, *, as_lines: bool = False) -> int:
    """Pixels that a panel of a cell of this name should have."""
    rows = len(panel.units)
    if panel.form == "strips":
        return max(30, _STRIP * rows)
    if panel.form == "curves":
        return _CURVES
    if panel.has_own_axis and panel.axis != "projection" and rows <= MOST_NAMED:
        return max(34, _NAMED_ROW * rows)
    if as_lines:
        return _LINES
    if panel.signal.name == memory_state(CELLS[cell]):
        return _MEMORY
    return _GATE if panel.signal.kind == "gate" else _OTHER


def stacked(
    heights: Sequence[int], height: int = 0, bottom: int = BOTTOM, scale: float = 1.0
) -> tuple[int, list[list[float]]]:
    """Height of a figure in pixels, and the domain of every panel from the top one down.

    heights  of the panels; where `height` is given, their shares of it.
    scale    of the text between the panels.
    """
    is_tight = height and scale > 1
    around, gap = round((TOP + bottom) * scale), round((_LEAST_GAP if is_tight else GAP) * scale)
    height = height or around + sum(heights) + (len(heights) - 1) * gap
    inner = height - around - (len(heights) - 1) * gap
    if is_tight and min(heights) * inner < _LEAST_PANEL * scale * sum(heights):
        heights = [1] * len(heights)
    return height, domains(heights[::-1], gap / (height - around))[::-1]


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


def unit_axis(panel: Panel, room: float = _MOST_ROOM) -> dict[str, Any]:
    """A heatmap's rows from top to bottom, by their labels.

    room  height of the panel in pixels of type in its usual size.
    """
    labels = dict(zip(row_ids(panel), map(as_typed, panel.units), strict=True))
    # Where every row is called by its number there is nothing to look up, nor to compare.
    aliases = {} if all(row == label for row, label in labels.items()) else labels
    most = max(1, int(room // _ROW_TYPE))
    is_named = panel.has_own_axis and len(labels) <= MOST_NAMED
    return {
        "type": "category",
        "autorange": "reversed",
        **(
            {"tickvals": list(labels)}
            if is_named and len(labels) <= most
            else {"nticks": min(_n_ticks(panel), most)}
        ),
        "tickfont": {"size": 11 if is_named else 10},
        **({"labelalias": aliases} if aliases else {}),
    }


def _n_ticks(panel: Panel) -> int:
    return 3 if panel.signal.kind == "gate" else 6


def value_axis(panel: Panel) -> dict[str, Any]:
    """Values of a panel of lines."""
    pad = 0.05 * (panel.high - panel.low)
    return {"range": [panel.low - pad, panel.high + pad], "nticks": 3, "tickfont": {"size": 10}}


def highlight(figure: PlotlyJson, start: int, stop: int, look: Look) -> PlotlyJson:
    """Figure with the steps `start` … `stop` − 1, counted from 0, between two dashed lines.

    >>> figure = highlight({"data": [], "layout": {"yaxis": {}}}, 1, 2, Look())
    >>> [shape["x0"] for shape in figure["layout"]["shapes"]]
    [0.5, 1.5]
    """
    line = {"color": look.colour("ink"), "width": 1.5, "dash": "dash"}
    ends = {"type": "line", "xref": "x", "y0": 0, "y1": 1, "line": line}
    # On every panel and not between them, where the titles stand.
    panels = [name[5:] for name in figure["layout"] if name.startswith("yaxis")]
    # Categories are counted from 0; the lines lie between them.
    lines = [
        ends | {"yref": f"y{panel} domain", "x0": edge, "x1": edge}
        for panel in panels
        for edge in (start - 0.5, stop - 0.5)
    ]
    shapes = [*figure["layout"].get("shapes", ()), *lines]
    return figure | {"layout": figure["layout"] | {"shapes": shapes}}
