"""Heatmap of how much of one run's answer returns in another when a part of it is put in."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.patched import STATES, Patched, PatchedUnits
from rnnviz.core.arrays import Array
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.text_lines import LINE, in_lines, n_lines
from rnnviz.figures.theme import Look, base_layout, diverging_heatmap, symmetric_colorbar
from rnnviz.figures.type_scale import with_type_scale

_ROW, _TOP, _BOTTOM, _LEFT = 34, 20, 56, 90
_MOST_LABELS = 30
# From the figure's edge, where there is more room than over the map.
_AT_LEFT = ABOVE | {"align": "left", "xshift": 8 - _LEFT}
# Seen on every colour: white in black.
_RINGS = (("#000000", 4.5), ("#ffffff", 2))


@with_type_scale
def figure(view: Patched | PatchedUnits, look: Look, *, height: int = 0) -> PlotlyJson:
    """A row for each signal, the last for all states together; a column for each step, or unit.

    A ring stands where the answer itself is A's.
    """
    patched = view.patched if isinstance(view, PatchedUnits) else view
    values, names = _rows(view)
    columns = [str(column) for column in _columns(view)]
    rows = [_row_name(name, view, look) for name in names]
    title, gloss = in_lines(_title(view, look)), in_lines(_gloss(patched, look))
    under = LINE * n_lines(gloss)
    top = _TOP + under + LINE * n_lines(title)
    return {
        "data": [_heatmap(values, columns, rows, view, look), *_rings(view, columns, rows)],
        "layout": {
            "height": height or top + _BOTTOM + _ROW * len(rows),
            "margin": {"l": _LEFT, "r": 50, "t": top, "b": _BOTTOM},
            "showlegend": False,
            "xaxis": _axis(view, columns, look),
            "yaxis": {"type": "category", "autorange": "reversed"},
            "annotations": [
                note(f"<b>{title}</b>", look.colour("ink"), 13, _AT_LEFT, yshift=under + 9),
                note(gloss, look.colour("soft"), 12, _AT_LEFT, yshift=6),
                *untrained_note(patched.is_trained, look, yshift=-38),
            ],
            **base_layout(look),
        },
    }


def _rows(view: Patched | PatchedUnits) -> tuple[Array, tuple[str, ...]]:
    """Shares (row, column), and the signal of each row; a state that is all of it is one row."""
    patched = view.patched if isinstance(view, PatchedUnits) else view
    if isinstance(view, PatchedUnits):
        n_rows = len(view.signals) - bool(patched.whole_state)
        return view.recovered[:n_rows], view.signals[:n_rows]
    if patched.whole_state:
        return view.recovered.T, view.signals
    return np.vstack([view.recovered.T, view.all_states]), (*view.signals, STATES)


def _columns(view: Patched | PatchedUnits) -> list[int]:
    """Units, counted from 0, or steps, counted from 1."""
    if isinstance(view, PatchedUnits):
        return list(range(view.recovered.shape[1]))
    return [step + 1 for step in view.steps]


def _row_name(name: str, view: Patched | PatchedUnits, look: Look) -> str:
    patched = view.patched if isinstance(view, PatchedUnits) else view
    if name == patched.whole_state:
        return look.word("patched.whole", signal=look.word(f"signal.{name}"))
    if name == STATES:
        which = "unit_states" if isinstance(view, PatchedUnits) else "all_states"
        return look.word(f"patched.{which}")
    return look.word(f"signal.{name}")


def _heatmap(
    values: Array, columns: list[str], rows: list[str], view: Patched | PatchedUnits, look: Look
) -> dict[str, Any]:
    real = np.abs(values[np.isfinite(values)])
    limit = max(1.0, float(real.max()) if real.size else 1.0)
    word = look.word("axis.unit" if isinstance(view, PatchedUnits) else "axis.step")
    return diverging_heatmap(
        values,
        limit,
        look.dark,
        x=columns,
        y=rows,
        colorbar=symmetric_colorbar(limit),
        hoverongaps=False,
        hovertemplate=f"{word} %{{x}}<br>%{{y}} %{{z:.3f}}<extra></extra>",
    )


def _rings(
    view: Patched | PatchedUnits, columns: list[str], rows: list[str]
) -> list[dict[str, Any]]:
    flips = view.flips[: len(rows)] if isinstance(view, PatchedUnits) else view.flips.T
    row, column = np.nonzero(flips)
    if not len(row):
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [columns[i] for i in column],
            "y": [rows[i] for i in row],
            "marker": {
                "symbol": "circle-open",
                "size": 12,
                "color": ink,
                "line": {"width": width},
            },
            "hoverinfo": "skip",
        }
        for ink, width in _RINGS
    ]


def _axis(view: Patched | PatchedUnits, columns: list[str], look: Look) -> dict[str, Any]:
    is_long, is_of_units = len(columns) > _MOST_LABELS, isinstance(view, PatchedUnits)
    title = "axis.unit" if is_of_units else "axis.step" if is_long else "patched.tokens"
    axis: dict[str, Any] = {
        "type": "category",
        "tickangle": 0,
        "title": {"text": look.word(title), "standoff": 6},
        **({"nticks": 12} if is_long else {"dtick": 1}),
    }
    if isinstance(view, PatchedUnits) or is_long:
        return axis
    labels = {c: _pair(*pair) for c, pair in zip(columns, view.tokens, strict=True)}
    return axis | {"labelalias": labels}


def _pair(a: str, b: str) -> str:
    return as_typed(a) if a == b else f"<b>{as_typed(a)}</b><br>{as_typed(b)}"


def _title(view: Patched | PatchedUnits, look: Look) -> str:
    patched = view.patched if isinstance(view, PatchedUnits) else view
    a, b = map(as_typed, patched.answers)
    title = look.word("patched.title" if b else "patched.title_value", a=a, b=b)
    if isinstance(view, PatchedUnits):
        return f"{title} · {look.word('axis.step')} {view.step + 1}"
    return title


def _gloss(patched: Patched, look: Look) -> str:
    return look.word("patched.gloss", step=patched.runs.time + 1)
