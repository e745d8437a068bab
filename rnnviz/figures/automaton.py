"""Drawing of an automaton: states as discs with their answers, transitions as arrows."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.automaton import Automaton
from rnnviz.analysis.automaton_layout import automaton_layout
from rnnviz.core.arrays import Array
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import token_label

_WIDTH, _MARGIN, _LOOP = 640, 46, 26
_DISC, _POINTS, _BEND = 17, 24, 0.16
# Symbols that an arrow names; of more, their number.
_MAX_NAMED = 6


@with_type_scale
def figure(view: Automaton, look: Look, *, state: int | None = None, height: int = 0) -> PlotlyJson:
    """States and transitions; a state's colour is its answer, and the first has a double ring.

    state  the current one, lit; None for none.
    """
    at = state_places(view)
    tall = height or _height(at)
    arrows = [_Arrow(view, at, before, after) for before, after in _pairs(view)]
    return {
        "data": [_lines(arrows, look), _heads(arrows, look), _discs(view, at, state, look)],
        "layout": {
            "height": tall,
            "margin": {"l": 8, "r": 8, "t": 40, "b": 24},
            "showlegend": False,
            "xaxis": {"visible": False, "range": [-_MARGIN, _WIDTH - _MARGIN]},
            "yaxis": {"visible": False, "range": _y_range(at), "scaleanchor": "x"},
            "annotations": [
                note(_title(view, look), look.colour("ink"), 13, ABOVE, yshift=12),
                *(_label(arrow, look) for arrow in arrows),
                *untrained_note(view.is_trained, look, yshift=-4),
            ],
            **base_layout(look),
        },
    }


def state_places(view: Automaton) -> Array:
    """Centre of every state's disc, (state, 2), on the axes of the figure.

    They are pixels of a figure of the usual width, in which discs are round and arrows end at them.
    """
    return automaton_layout(view.transitions) * (_WIDTH - 2 * _MARGIN)


class _Arrow:
    """Transition drawn from a state to another, or in a loop to itself.

    x and y  of its line, in pixels; `text`, its symbols; `label`, where they stand.
    """

    def __init__(self, view: Automaton, at: Array, before: int, after: int) -> None:
        symbols = np.flatnonzero(view.transitions[before] == after).tolist()
        named = " ".join(token_label(view.symbols[symbol]) for symbol in symbols)
        self.text = (
            named if len(symbols) <= _MAX_NAMED else f"{named.split()[0]} … ({len(symbols)})"
        )
        self.hover = f"{before} → {after}<br>{as_typed(named)}"
        line, self.label = _loop(at, before) if before == after else _curve(at, before, after)
        self.x, self.y = line.T


def _pairs(view: Automaton) -> list[tuple[int, int]]:
    states, symbols = np.nonzero(view.transitions >= 0)
    pairs = zip(states.tolist(), view.transitions[states, symbols].tolist(), strict=True)
    return list(dict.fromkeys(pairs))


def _curve(at: Array, before: int, after: int) -> tuple[Array, Array]:
    """Bent line from the rim of one disc to that of another, and the place of its label."""
    start, stop = at[before], at[after]
    along = stop - start
    side = np.array([-along[1], along[0]])
    middle = (start + stop) / 2 + 2 * _BEND * side
    share = np.linspace(0, 1, _POINTS)[:, None]
    line = (1 - share) ** 2 * start + 2 * share * (1 - share) * middle + share**2 * stop
    is_outside = np.minimum(*(np.linalg.norm(line - end, axis=1) for end in (start, stop))) > _DISC
    size = max(1e-9, float(np.linalg.norm(side)))
    return line[is_outside], (start + stop) / 2 + (_BEND + 9 / size) * side


def _loop(at: Array, state: int) -> tuple[Array, Array]:
    """Loop on the side of a disc that looks away from the middle."""
    away = at[state] - at.mean(axis=0)
    size = float(np.linalg.norm(away))
    away = away / size if size > 1 else np.array([0.0, 1.0])
    # Where the states stand in a line, above it.
    away = np.array([0.0, 1.0]) if np.ptp(at[:, 1]) < 2 * _DISC else away
    turn = np.arctan2(away[1], away[0]) + np.linspace(-2.3, 2.3, _POINTS)
    centre = at[state] + (_DISC + 7) * away
    return centre + 11 * np.column_stack([np.cos(turn), np.sin(turn)]), centre + 22 * away


def _lines(arrows: list[_Arrow], look: Look) -> dict[str, Any]:
    gap = [np.nan]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.concatenate([[*arrow.x, *gap] for arrow in arrows] or [[]]),
        "y": np.concatenate([[*arrow.y, *gap] for arrow in arrows] or [[]]),
        "line": {"color": look.colour("soft"), "width": 1.4},
        "hoverinfo": "skip",
    }


def _heads(arrows: list[_Arrow], look: Look) -> dict[str, Any]:
    """Heads of the arrows, each turned as its line ends."""
    shown = [arrow for arrow in arrows if len(arrow.x) > 1]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [float(arrow.x[-1]) for arrow in shown],
        "y": [float(arrow.y[-1]) for arrow in shown],
        "hovertext": [arrow.hover for arrow in shown],
        "hoverinfo": "text",
        "marker": {
            "symbol": "arrow",
            "size": 11,
            "color": look.colour("soft"),
            "angle": [_angle(arrow) for arrow in shown],
        },
    }


def _angle(arrow: _Arrow) -> float:
    """Degrees from up, clockwise."""
    dx, dy = arrow.x[-1] - arrow.x[-2], arrow.y[-1] - arrow.y[-2]
    return float(np.degrees(np.arctan2(dx, dy)))


def _discs(view: Automaton, at: Array, state: int | None, look: Look) -> dict[str, Any]:
    is_lit = [number == state for number in range(view.n_states)]
    said = [look.word("automaton.state", state=n) for n in range(view.n_states)]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": at[:, 0],
        "y": at[:, 1],
        "text": [as_typed(token_label(answer)) if answer else "" for answer in view.answers],
        "textfont": {"size": 12, "color": [_ink(lit, look) for lit in is_lit]},
        "customdata": [
            [n, a, " ".join(map(token_label, word)), f"{100 * share:.0f} %"]
            for n, a, word, share in zip(said, view.answers, view.access, view.visits, strict=True)
        ],
        "hovertemplate": _hover(look),
        "marker": {
            "size": 2 * _DISC,
            "color": [look.colour("update") if lit else look.colour("paper") for lit in is_lit],
            "line": {
                "width": [3.5] + [1.5] * (view.n_states - 1),
                "color": look.colour("update"),
            },
        },
    }


def _ink(is_lit: bool, look: Look) -> str:
    return look.colour("paper" if is_lit else "ink")


def _hover(look: Look) -> str:
    answer, word, share = (look.word(f"automaton.{k}") for k in ("answer", "word", "share"))
    return (
        "<b>%{customdata[0]}</b>"
        f"<br>{answer}: %{{customdata[1]}}<br>{word}: %{{customdata[2]}}"
        f"<br>{share}: %{{customdata[3]}}<extra></extra>"
    )


def _label(arrow: _Arrow, look: Look) -> dict[str, Any]:
    place = {"x": float(arrow.label[0]), "y": float(arrow.label[1])}
    return note(as_typed(arrow.text), look.colour("ink"), 11, place)


def _title(view: Automaton, look: Look) -> str:
    agreed = f"{view.n_right:,} / {view.n_steps:,}"
    said = look.word("automaton.title", states=view.n_states, agreed=agreed)
    return f"<b>{said}</b>"


def _y_range(at: Array) -> list[float]:
    low, high = float(at[:, 1].min()), float(at[:, 1].max())
    return [low - 1.5 * _MARGIN, high + 1.5 * _MARGIN]


def _height(at: Array) -> int:
    return round(float(np.ptp(at[:, 1])) + 3 * _MARGIN) + 64
