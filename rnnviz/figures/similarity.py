"""Two heatmaps of two runs' states, state of one × state of the other: CKA above, Procrustes'
distance below."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.similarity import ComparedState, Similarity
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.text_lines import PHONE, in_lines
from rnnviz.figures.theme import Look, base_layout, colorscale
from rnnviz.figures.type_scale import with_type_scale

# The room over a heatmap holds two lines.
_ROW, _TOP, _LEFT = 40, 44, 90
# Room for the names below a heatmap: across, or upright where they are many.
_ACROSS, _UPRIGHT = 64, 150
# States across whose cells have room for a number and its chance, and for a number.
_MOST_PAIRS, _MOST_NUMBERS = 3, 8
_ARROWS = {"forward": "→", "backward": "←"}


@with_type_scale
def figure(
    view: Similarity,
    look: Look,
    *,
    height: int = 0,
    names: tuple[str, str] | None = None,
) -> PlotlyJson:
    """A row for each state of run a, a column for each of run b; `names` of the two runs."""
    is_wide = len(view.b) > _MOST_PAIRS
    below = _UPRIGHT if is_wide else _ACROSS
    height = height or 2 * (_TOP + below + max(70, _ROW * len(view.a)))
    low, high = domains([1, 1], (_TOP + below) / (height - _TOP - below))
    words = names or (look.word("similarity.a"), look.word("similarity.b"))
    return {
        "data": [
            _map(view, view.cka, 1, look),
            _map(view, view.procrustes, 2, look),
        ],
        "layout": {
            "height": height,
            "margin": {"l": _LEFT, "r": 54, "t": _TOP, "b": below},
            **_axes(view, 1, high, words, look),
            **_axes(view, 2, low, words, look),
            "annotations": [
                _title("similarity.cka" if is_wide else "similarity.beside", high[1], look),
                _title("similarity.procrustes", low[1], look),
                *untrained_note(view.is_trained, look, yshift=20 - below),
            ],
            **base_layout(look),
        },
    }


def _map(view: Similarity, values: Array, number: int, look: Look) -> dict[str, Any]:
    pair = f"{look.word('similarity.a')} %{{y}} · {look.word('similarity.b')} %{{x}}"
    place = {"len": 0.4, "y": 0.8 if number == 1 else 0.2}
    return {
        "type": "heatmap",
        "x": list(range(len(view.b))),
        "y": list(range(len(view.a))),
        "z": values.astype(np.float32),
        "zmin": 0,
        "zmax": 1.0 if number == 1 else 2**0.5,
        "colorscale": colorscale("Viridis"),
        "showscale": len(view.b) > _MOST_NUMBERS,
        "colorbar": {"thickness": 8, "outlinewidth": 0, **place},
        "text": _beside_chance(view) if number == 1 else _written(values),
        "hoverongaps": False,
        "hovertemplate": f"{pair}<br>%{{text}}<extra></extra>",
        "texttemplate": _template(len(view.b)),
        **on_axes(number),
    }


def _template(n_across: int) -> str:
    """What is written into a cell: all, the number alone, or nothing."""
    if n_across <= _MOST_PAIRS:
        return "%{text}"
    return "%{z:.2f}" if n_across <= _MOST_NUMBERS else ""


def _written(values: Array) -> list[list[str]]:
    return [[f"{value:.2f}" if np.isfinite(value) else "–" for value in row] for row in values]


def _beside_chance(view: Similarity) -> list[list[str]]:
    rows = zip(_written(view.cka), _written(view.chance), strict=True)
    return [[f"{one} ({by})" for one, by in zip(*row, strict=True)] for row in rows]


def _axes(
    view: Similarity, number: int, up: list[float], words: tuple[str, str], look: Look
) -> dict[str, Any]:
    title = {"text": words[1], "standoff": 4}
    upright = {"tickangle": -90} if len(view.b) > _MOST_PAIRS else {}
    across = _labels(view.b, look) | {"title": title, "domain": [0, 1], **upright}
    side = _labels(view.a, look) | {"title": {"text": words[0]}, "domain": up}
    return axis_pair(number, across, side | {"autorange": "reversed"})


def _labels(states: tuple[ComparedState, ...], look: Look) -> dict[str, Any]:
    """The state's name; its layer too where there are several."""
    has_layers = len({one[:2] for one in states}) > 1
    text = [_label(one, look) if has_layers else look.word(f"signal.{one.state}") for one in states]
    return {"tickvals": list(range(len(states))), "ticktext": text}


def _label(one: ComparedState, look: Look) -> str:
    return f"{one.level + 1}{_ARROWS[one.direction]} {look.word(f'signal.{one.state}')}"


def _title(key: str, top: float, look: Look) -> dict[str, Any]:
    place = PAPER | {"x": 0, "y": top, "xanchor": "left", "yanchor": "bottom", "align": "left"}
    title = in_lines(look.word(key), PHONE - _LEFT)
    return note(f"<b>{title}</b>", look.colour("ink"), 13, place, yshift=4)
