"""A network unrolled in time: tokens below, hidden states in the middle, outputs above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.analysis.unrolled import Unrolled
from rnnviz.core.arrays import Array
from rnnviz.figures.notes import as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, colorbar, diverging_heatmap
from rnnviz.figures.type_scale import with_type_scale

_COLUMNS = 3  # of the grid for a step: a gap, the state, a gap
_ARROW = 3  # rows of the grid that an upright arrow has
_LETTERED = 8  # steps up to which every arrow has its letter
_HEAD = 0.34
_INKS = {"U": "candidate", "W": "forget", "V": "output"}

Line = tuple[tuple[float, float], tuple[float, float]]


@with_type_scale
def figure(view: Unrolled, look: Look, *, height: int = 330) -> PlotlyJson:
    """Columns of states joined by arrows; equal letters are equal matrices.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.unrolled import unrolled
    >>> trace = rv.trace(rv.random_model("rnn", 1, 2), [[0.5], [0.1], [0.2]])
    >>> [part["name"] for part in figure(unrolled(trace, 3), Look())["data"]]
    ['hidden', 'U', 'W', 'V']
    """
    n_units, n_steps = view.hidden.shape
    grid = np.full((n_units + 2 * _ARROW, n_steps * _COLUMNS), np.nan, np.float32)
    grid[_ARROW : _ARROW + n_units, 1::_COLUMNS] = view.hidden[::-1]
    arrows = _arrows(view)
    return {
        "data": [
            _heatmap(grid, look),
            *(_arrow_trace(matrix, lines, look) for matrix, lines in arrows.items()),
        ],
        "layout": {
            "annotations": _notes(view, arrows, len(grid), look),
            "height": height,
            "margin": {"l": 12, "r": 46, "t": 16, "b": 24},
            "xaxis": _invisible_axis(-0.5, grid.shape[1] - 0.5),
            "yaxis": _invisible_axis(-1.5, len(grid) + 0.5),
            "showlegend": False,
            **base_layout(look),
        },
    }


def _invisible_axis(low: float, high: float) -> dict[str, Any]:
    return {"visible": False, "showticklabels": False, "range": [low, high]}


def _notes(
    view: Unrolled, arrows: dict[str, list[Line]], top: int, look: Look
) -> list[dict[str, Any]]:
    # On long chains letters would touch; the first arrow of each kind is enough there.
    lettered = None if view.hidden.shape[1] <= _LETTERED else 1
    return [
        *(
            _letter(matrix, line, look)
            for matrix, lines in arrows.items()
            for line in lines[:lettered]
        ),
        *(_token(token, step, -0.9, look) for step, token in enumerate(view.tokens)),
        *(_token(token, step, top - 0.1, look) for step, token in enumerate(view.outputs)),
        *untrained_note(view.is_trained, look, yshift=-3),
    ]


def _heatmap(grid: Array, look: Look) -> dict[str, Any]:
    # An empty row above and below: the tokens stand there.
    empty = np.full((1, grid.shape[1]), np.nan, np.float32)
    return diverging_heatmap(
        np.concatenate([empty, grid, empty]),
        1,
        look.dark,
        y=np.arange(-1, len(grid) + 1),
        name="hidden",
        hoverongaps=False,
        hovertemplate=f"<b>{look.word('signal.hidden')} %{{z:.4f}}</b><extra></extra>",
        colorbar=colorbar([-1, 0, 1]),
    )


def _arrows(view: Unrolled) -> dict[str, list[Line]]:
    n_units, n_steps = view.hidden.shape
    low, high = _ARROW - 0.6, _ARROW + n_units - 0.4
    middle = (low + high) / 2
    at = [_COLUMNS * step + 1.0 for step in range(n_steps)]
    arrows = {
        "U": [((x, -0.2), (x, low)) for x in at],
        "W": [((x + 0.6, middle), (x + _COLUMNS - 0.6, middle)) for x in at[:-1]],
        "V": [((x, high), (x, n_units + 2 * _ARROW - 0.9)) for x in at],
    }
    shown = {"U": True, "W": n_steps > 1, "V": bool(view.outputs)}
    return {matrix: lines for matrix, lines in arrows.items() if shown[matrix]}


def _arrow_trace(matrix: str, lines: list[Line], look: Look) -> dict[str, Any]:
    points = [point for line in lines for point in _arrow(*line)]
    return {
        "type": "scatter",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "name": matrix,
        "mode": "lines",
        "line": {"color": look.colour(_INKS[matrix]), "width": 2},
        "hoverinfo": "skip",
    }


def _arrow(
    start: tuple[float, float], end: tuple[float, float]
) -> Iterator[tuple[float | None, float | None]]:
    """Shaft and head of an arrow, and a gap after it."""
    (x, y), is_upright = end, start[0] == end[0]
    yield from (start, end)
    yield (x - _HEAD, y - 2 * _HEAD) if is_upright else (x - _HEAD, y + 2 * _HEAD)
    yield from (end, (x + _HEAD if is_upright else x - _HEAD, y - 2 * _HEAD), (None, None))


def _letter(matrix: str, line: Line, look: Look) -> dict[str, Any]:
    (x0, y0), (x1, y1) = line
    beside = {"xshift": 9} if x0 == x1 else {"yshift": 11}
    place = _DATA | {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2} | beside
    return note(f"<b>{matrix}</b>", look.colour(_INKS[matrix]), 12, place)


def _token(token: str, step: int, y: float, look: Look) -> dict[str, Any]:
    place = _DATA | {"x": _COLUMNS * step + 1, "y": y}
    return note(as_typed(token), look.colour("ink"), 15, place)


_DATA = {"xref": "x", "yref": "y"}
