"""The axis of time over stacked panels: every token that fits, and numbers where there is room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnviz.analysis.panels import Panels
from rnnviz.figures.notes import as_typed, label_width
from rnnviz.figures.theme import Look

# Pixels of the plot where a figure's width is not known, of a letter, and between labels.
_USUAL_WIDTH, _LETTER, _APART = 640, 7, 1
# In larger type a figure stands beside words on a slide: its width in pixels of usual type.
_SLIDE_WIDTH = 270
# Between numbers that count, which are read as a row.
_NUMBERS_APART = 6
# Half of a label as wide as this has room beside the panels, whatever step it names.
_HAS_ROOM = 40
# On a page the browser leaves out what does not fit; more labels than these only take its time.
_MOST_LABELS = 240


def step_ids(view: Panels) -> list[str]:
    """Category of every step: 1, 2, … in the whole sequence."""
    return [str(view.start + t + 1) for t in range(view.n_steps)]


def step_labels(view: Panels, every: int = 1) -> list[str]:
    """Label of every step: its token, over it the number of each `every`-th step."""
    return [
        step_label(t, token, is_numbered=t == view.start or (t + 1) % every == 0)
        for t, token in enumerate(view.tokens, start=view.start)
    ]


def step_label(time: int, token: str, *, is_numbered: bool = True) -> str:
    """A step's number, from 1, over its token; once where the token is that number."""
    if token == str(time + 1):
        return token
    number = str(time + 1) if is_numbered else "\u00a0"
    return f'<span style="font-size:10px">{number}</span><br>{as_typed(token)}'


def time_axis(view: Panels) -> dict[str, Any]:
    """Axis with a column a step, without labels."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": step_ids(view),
        "showticklabels": False,
        "range": [-0.5, view.n_steps - 0.5],
        "minallowed": -0.5,
        "maxallowed": view.n_steps - 0.5,
    }


def token_axis(view: Panels, look: Look, *, has_all: bool = False) -> dict[str, Any]:
    """Labels of the steps over the first panel.

    has_all  also those for which there may be no room: a page hides them itself.
    """
    ids, every = step_ids(view), _numbered(view.n_steps)
    labels = step_labels(view, every)
    has_all_steps = view.n_steps <= _MOST_LABELS
    all_labels = range(view.n_steps) if has_all_steps else _numbered_steps(view, every)
    width = _USUAL_WIDTH if look.scale <= 1 else _SLIDE_WIDTH
    shown = all_labels if has_all else _shown_labels(view, width)
    return {
        "side": "top",
        "showticklabels": True,
        "tickvals": [ids[t] for t in shown],
        "ticktext": [labels[t] for t in shown],
        "tickfont": {"size": 12, "color": look.colour("ink")},
        "tickangle": 0,
        **(_FIXED_MARGINS if all(label_width(t) <= _HAS_ROOM for t in view.tokens) else {}),
    }


# Plotly measures every label where margins may have to grow, or a title stands off from labels.
_FIXED_MARGINS = {"automargin": False, "title": None}


def without_numbers(view: Panels) -> Panels:
    """View whose steps are called by their numbers, where its tokens only repeat its inputs."""
    if not all(map(_is_numbers, view.tokens)):
        return view
    return replace(view, tokens=tuple(step_ids(view)))


def _is_numbers(token: str) -> bool:
    try:
        return bool([float(part) for part in token.split()])
    except ValueError:
        return False


def _shown_labels(view: Panels, width: float) -> list[int]:
    """Steps that have a label: of bare numbers every n-th, of all else those that fit."""
    if tuple(view.tokens) == tuple(step_ids(view)):
        return evenly_numbered(view, width)
    return fitting_labels(view, width)


def evenly_numbered(view: Panels, width: float) -> list[int]:
    """The first step and every n-th, for the least n of 1, 2, 5, 10, … that fits on this width."""
    widest = max(map(label_width, step_ids(view))) + _NUMBERS_APART
    nice = (n * 10**power for power in range(9) for n in (1, 2, 5))
    every = next(n for n in nice if n * width / view.n_steps >= widest or n >= view.n_steps)
    shown = [t for t in range(view.n_steps) if (view.start + t + 1) % every == 0]
    ends = label_width(step_ids(view)[0]) + label_width(step_ids(view)[shown[0] if shown else 0])
    has_room = not shown or shown[0] * width / view.n_steps > ends / 2
    return [0, *shown] if has_room and 0 not in shown else shown


def fitting_labels(view: Panels, width: float = _USUAL_WIDTH) -> list[int]:
    """Steps whose labels stand side by side on an axis of this width, from the first on."""
    shown: list[int] = []
    column, end = width / view.n_steps, 0.0
    for t, token in enumerate(view.tokens):
        half = max(label_width(token), _LETTER) / 2
        middle = (t + 0.5) * column
        if not shown or middle - half >= end:
            shown.append(t)
            end = middle + half + _APART
    return shown


def _numbered_steps(view: Panels, every: int) -> list[int]:
    """Steps, from 0 within the view, whose label has a number."""
    return [t for t in range(view.n_steps) if t == 0 or (view.start + t + 1) % every == 0]


def _numbered(n_steps: int) -> int:
    """Steps from one number to the next so that numbers do not touch."""
    return next((every for most, every in ((36, 1), (120, 5)) if n_steps <= most), 10)
