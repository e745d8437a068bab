"""Bars of what each step contributes to an output, and below a map of its features."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.input_attributions import InputAttributions
from rnnviz.figures.axes import axis_pair, on_axes
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.text_lines import LINE, PHONE, in_lines, n_lines
from rnnviz.figures.theme import Look, base_layout, diverging_heatmap, symmetric_colorbar
from rnnviz.figures.type_scale import with_type_scale

_BARS, _TOP, _BOTTOM, _GAP = 190, 24, 54, 46
_ROW, _MOST_ROWS, _MOST_LABELS = 18, 300, 40
_LEFT = 60
_AT_LEFT, _WIDTH = ABOVE | {"align": "left"}, PHONE - _LEFT


@with_type_scale
def figure(view: InputAttributions, look: Look, *, height: int = 0) -> PlotlyJson:
    """A bar for each step, its token below; for a table also a row for each feature."""
    rows = min(_MOST_ROWS, max(60, _ROW * len(view.feature_names))) if has_map(view) else 0
    inner = _BARS + (_GAP + rows if rows else 0)
    gloss = in_lines(look.word(f"input_attributions.{view.method}.sum", **_sums(view)), _WIDTH)
    title = in_lines(_title(view, look), _WIDTH)
    under = LINE * n_lines(gloss)
    top = _TOP + under + LINE * n_lines(title)
    return {
        "data": [_bars(view, look), *([_map(view, look)] if rows else [])],
        "layout": {
            "height": height or top + _BOTTOM + inner,
            "margin": {"l": _LEFT, "r": 50, "t": top, "b": _BOTTOM},
            "showlegend": False,
            **_axes(view, _BARS / inner, rows / inner, look),
            "annotations": [
                note(f"<b>{title}</b>", look.colour("ink"), 13, _AT_LEFT, yshift=under + 9),
                note(gloss, look.colour("soft"), 12, _AT_LEFT, yshift=6),
                *untrained_note(view.is_trained, look, yshift=-36),
            ],
            **base_layout(look),
        },
    }


def has_map(view: InputAttributions) -> bool:
    """True where a figure has a row for each feature below its bars, on a second pair of axes."""
    return view.encoding == "values" and view.features is not None and len(view.feature_names) > 1


def _sums(view: InputAttributions) -> dict[str, str]:
    numbers = {"total": view.total, "change": view.value - view.baseline_value}
    told = {name: f"{number:+.4g}" for name, number in numbers.items()}
    told["gap"] = f"{view.gap:.2g}"
    return {name: text.replace("-", "−") for name, text in told.items()}


def _title(view: InputAttributions, look: Look) -> str:
    what = look.word(f"input_attributions.{view.scale}", output=as_typed(view.output))
    method = look.word(f"input_attributions.{view.method}")
    return look.word("input_attributions.title", what=what, step=view.time + 1, method=method)


def _steps(view: InputAttributions) -> list[str]:
    return [str(step + 1) for step in range(len(view.steps))]


def _bars(view: InputAttributions, look: Look) -> dict[str, Any]:
    word = look.word("axis.step")
    colours = [look.colour("gap" if one < 0 else "forget") for one in view.steps]
    return {
        "type": "bar",
        "x": _steps(view),
        "y": view.steps,
        "marker": {"color": colours},
        "customdata": list(map(as_typed, view.tokens)),
        "hovertemplate": f"{word} %{{x}} · %{{customdata}}<br>%{{y:+.4f}}<extra></extra>",
        **on_axes(1),
    }


def _map(view: InputAttributions, look: Look) -> dict[str, Any]:
    assert view.features is not None
    limit = float(np.abs(view.features).max()) or 1.0
    word = look.word("axis.step")
    return diverging_heatmap(
        view.features.T,
        limit,
        look.dark,
        x=_steps(view),
        y=list(map(as_typed, view.feature_names)),
        colorbar=symmetric_colorbar(limit) | {"y": 0, "yanchor": "bottom", "len": 0.5},
        hovertemplate=f"%{{y}} · {word} %{{x}}<br>%{{z:+.4f}}<extra></extra>",
        **on_axes(2),
    )


def _axes(view: InputAttributions, bars: float, rows: float, look: Look) -> dict[str, Any]:
    is_long = len(view.tokens) > _MOST_LABELS
    labels = dict(zip(_steps(view), map(as_typed, view.tokens), strict=True))
    across = {
        "type": "category",
        "tickangle": 0,
        "title": {"text": look.word("axis.step") if is_long else "", "standoff": 6},
        **({"nticks": 12} if is_long else {"dtick": 1, "labelalias": labels}),
    }
    zero = {"zeroline": True, "zerolinecolor": look.colour("line"), "nticks": 5}
    first = axis_pair(1, across, {"domain": [1 - bars, 1], **zero})
    if not rows:
        return first
    below = {"domain": [0, rows], "type": "category", "autorange": "reversed", "nticks": 16}
    return first | axis_pair(2, across | {"matches": "x"}, below)
