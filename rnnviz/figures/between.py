"""A span of steps marked on panels: two dashed lines, before its first step and after its last."""

from __future__ import annotations

from typing import Any

from rnnviz.figures.theme import colour


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
