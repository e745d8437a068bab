"""Phase portrait of two numbers, or the map of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.analysis.phase_portrait import PhasePortrait
from rnnviz.figures.fixed_points import kind_colour, kind_name
from rnnviz.figures.notes import ABOVE, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.text_lines import LINE, n_lines
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

_NULLCLINES = ("update", "candidate")
_ARROWS = 8  # the grid's places for each of which there is an arrow


@with_type_scale
def figure(view: PhasePortrait, look: Look, *, height: int = 460) -> PlotlyJson:
    """Of two numbers arrows and nullclines; of one what a step makes of it, beside the diagonal."""
    data = _plane(view, look) if len(view.names) == 2 else _line(view, look)
    key = "phase.title" if len(view.names) == 2 else "phase.title_one"
    title = f"<b>{look.word(key)}</b>"
    if view.points is None:
        title += f"<br>{look.word('phase.slice')}"
    across, up = _titles(view, look)
    return {
        "data": [*data, *_points(view, look)],
        "layout": {
            "height": height,
            "margin": {"l": 60, "r": 14, "t": 26 + LINE * n_lines(title), "b": 84},
            "legend": {"orientation": "h", "x": 0, "y": -0.16, "yanchor": "top"},
            "xaxis": {"title": {"text": across, "standoff": 6}, "showline": True},
            "yaxis": {"title": {"text": up}, "showline": True},
            "annotations": [
                note(title, look.colour("ink"), 13, ABOVE, yshift=8, align="left"),
                *untrained_note(view.is_trained, look, yshift=-60),
            ],
            **base_layout(look),
        },
    }


def _titles(view: PhasePortrait, look: Look) -> tuple[str, str]:
    named = [_named(name, look) for name in view.names]
    if len(named) == 2:
        return named[0], named[1]
    return named[0], look.word("phase.after", name=named[0])


def _named(name: str, look: Look) -> str:
    state, _, unit = name.rstrip("]").partition("[")
    return f"{look.word(f'signal.{state}')} {unit}"


def _plane(view: PhasePortrait, look: Look) -> Iterator[dict[str, Any]]:
    yield _arrows(view, look)
    for number, colour in enumerate(_NULLCLINES):
        yield {
            "type": "contour",
            "x": view.axes[0],
            "y": view.axes[1],
            "z": view.motion[..., number],
            "contours": {"start": 0, "end": 0, "size": 1, "coloring": "none"},
            "line": {"width": 2.5, "color": look.colour(colour)},
            "showscale": False,
            "showlegend": True,
            "name": look.word("phase.nullcline", name=_named(view.names[number], look)),
            "hoverinfo": "skip",
        }


def _arrows(view: PhasePortrait, look: Look) -> dict[str, Any]:
    """Arrows towards where a step moves a state, as long as they may be without touching."""
    chosen = slice(_ARROWS // 2, None, _ARROWS)
    x, y = np.meshgrid(view.axes[0][chosen], view.axes[1][chosen])
    room = np.array([axis[_ARROWS] - axis[0] for axis in view.axes])
    moves = view.motion[chosen, chosen] / room
    length = np.linalg.norm(moves, axis=2, keepdims=True)
    # Short ones keep their order, long ones end where the next begins.
    strokes = moves / (length + 0.5) * 0.9 * room
    ends = np.stack([[x, y], [x + strokes[..., 0], y + strokes[..., 1]]])
    gaps = np.full((1, *ends.shape[1:]), np.nan)
    parts = np.concatenate([ends, gaps]).transpose(1, 2, 3, 0).reshape(2, -1)
    heads = np.tile([0.0, 10.0, 0.0], x.size)
    ink = look.colour("soft")
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": parts[0],
        "y": parts[1],
        "line": {"width": 1.5, "color": ink},
        "marker": {"symbol": "arrow", "angleref": "previous", "size": heads, "color": ink},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _line(view: PhasePortrait, look: Look) -> Iterator[dict[str, Any]]:
    at = view.axes[0]
    dotted = {"width": 1, "dash": "dot", "color": look.colour("soft")}
    stays = look.word("phase.stays")
    for values, line, name in (
        (at, dotted, stays),
        (at + view.motion[:, 0], {"width": 2, "color": look.colour("update")}, ""),
    ):
        drawn = {"type": "scatter", "mode": "lines", "x": at, "y": values, "line": line}
        yield drawn | {"name": name, "showlegend": bool(name)}


def _points(view: PhasePortrait, look: Look) -> Iterator[dict[str, Any]]:
    if view.points is None:
        return
    for n_unstable in view.points.counts:
        states = np.array([one.states for one in view.points if one.n_unstable == n_unstable])
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": states[:, 0],
            "y": states[:, -1],
            "marker": {"size": 11, "color": kind_colour(n_unstable, look)},
            "name": kind_name(n_unstable, look),
        }
