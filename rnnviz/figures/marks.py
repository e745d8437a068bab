"""Marks over a heatmap: numbers that an intervention holds, numbers beyond the colour scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import on_axes
from rnnviz.figures.colour_raster import rgba
from rnnviz.figures.theme import Look, colorscale, scale_of

# More runs of cut numbers than these are left to the sign at the colour bar.
_MOST_RUNS = 2_000
_HATCHES = 40

Block = tuple[int, int, int, int]


def panel_marks(panel: Panel, number: int, look: Look) -> list[dict[str, Any]]:
    """Shapes over the panel on the axes of this number: a hatch where it is held, dashes where cut.

    Rows and steps are counted from 0, as Plotly counts categories.
    """
    if panel.form != "heatmap":
        return []
    runs = list(_runs(panel.is_cut))
    marks = []
    if panel.held is not None:
        for block in blocks(panel.held):
            ink = _ink_over(panel, block, look)
            marks.append(_path(_hatch(block), number, ink, 1))
            marks.append(_path(_frame(block), number, ink, 1.5))
    if 0 < len(runs) <= _MOST_RUNS:
        marks.append(_path("".join(map(_dash, runs)), number, look.colour("paper"), 1.5))
    return marks


def frames(mask: Array, number: int) -> list[dict[str, Any]]:
    """Shapes of frames round every run of cells along a row of a mask (row, time), white in black.

    One frame round neighbours leaves room for what is written in narrow cells.
    """
    runs = [(row, row + 1, start, stop) for row, start, stop in _runs(mask)]
    path = "".join(map(_frame, runs))
    return [_path(path, number, "#000000", 3), _path(path, number, "#ffffff", 1.2)] if runs else []


def blocks(mask: Array) -> list[Block]:
    """Rectangles (first row, row after, first step, step after) of a mask (row, time).

    Neighbouring rows with the same steps stand in one.

    >>> blocks(np.array([[0, 1, 1], [0, 1, 1], [1, 0, 0]], bool))
    [(0, 2, 1, 3), (2, 3, 0, 1)]
    """
    found: list[Block] = []
    for row, start, stop in _runs(mask):
        above = next((b for b in found if b[1:] == (row, start, stop)), None)
        if above:
            found.remove(above)
        found.append(((above or (row,))[0], row + 1, start, stop))
    return found


def _runs(mask: Array) -> Iterator[tuple[int, int, int]]:
    """Row, first step and step after of every run of True along the rows of a mask."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(edges == 1), np.argwhere(edges == -1)
    for (row, start), (_, stop) in zip(starts, stops, strict=True):
        yield int(row), int(start), int(stop)


def _dash(run: tuple[int, int, int]) -> str:
    row, start, stop = run
    return f"M{start - 0.25:g},{row}L{stop - 0.75:g},{row}"


def _frame(block: Block) -> str:
    top, bottom, left, right = (edge - 0.5 for edge in block)
    return f"M{left:g},{top:g}L{right:g},{top:g}L{right:g},{bottom:g}L{left:g},{bottom:g}Z"


def _hatch(block: Block) -> str:
    """Parallel lines from lower left to upper right, cut at the block's edges."""
    top, bottom, left, right = (edge - 0.5 for edge in block)
    width, height = right - left, bottom - top
    n_lines = min(_HATCHES, 2 + 2 * max(round(width), round(height)))
    lines = []
    for share in np.linspace(0, 2, n_lines + 2)[1:-1]:
        # On the square 0…1: the line x + y = share, y counted downward.
        x0, x1 = max(0.0, share - 1), min(1.0, share)
        y0, y1 = share - x0, share - x1
        ends = (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)
        lines.append("M{:.3f},{:.3f}L{:.3f},{:.3f}".format(*ends))
    return "".join(lines)


def _ink_over(panel: Panel, block: Block, look: Look) -> str:
    """Black or white, whichever is seen on the colours of a block."""
    top, bottom, left, right = block
    mean = float(np.nanmean(panel.values[top:bottom, left:right]))
    share = np.array((mean - panel.low) / (panel.high - panel.low))
    red, green, blue, _ = rgba(colorscale(scale_of(panel, look.dark)), share)
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#ffffff"


def _path(path: str, number: int, ink: str, width: float) -> dict[str, Any]:
    line = {"color": ink, "width": width}
    return {"type": "path", "path": path, "line": line, **on_axes(number, "ref")}
