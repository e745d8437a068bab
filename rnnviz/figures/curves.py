"""Inputs as thin lines on their own scales, answers that are numbers as curves beside the truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.core.arrays import Array
from rnnviz.figures.notes import PAPER, as_typed, label_width, note
from rnnviz.figures.theme import Look
from rnnviz.figures.time_axis import step_ids

# Okabe & Ito (2008), told apart by colour-blind eyes; black left out for dark pages.
LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8f7fe0", "#b3a100")
# The part of a strip that its line takes.
_PART = 0.76


def strips(panel: Panel, view: Panels, look: Look) -> list[dict[str, Any]]:
    """A thin line a row, from its own least to its own largest number."""
    placed = zip(panel.units, panel.values, _strip_heights(panel.values), strict=True)
    return [
        _line(panel, view, name, heights, look.colour("inputs"), 1.3)
        | {
            "customdata": values.astype(float),
            "hovertemplate": _hover(look, name, "%{customdata:.4g}"),
        }
        for name, values, heights in placed
    ]


def strip_axis(panel: Panel) -> dict[str, Any]:
    """Rows of strips from top to bottom, by their names."""
    rows = len(panel.units)
    return {
        "range": [rows - 0.5, -0.5],
        "tickvals": list(range(rows)),
        "ticktext": list(map(as_typed, panel.units)),
        "tickfont": {"size": 10},
    }


def strip_ends(panel: Panel, domain: list[float], look: Look) -> list[dict[str, Any]]:
    """Annotations right of the strips: from which to which number each reaches."""
    bottom, top = domain
    height = (top - bottom) / len(panel.units)
    place = PAPER | {"x": 1, "xanchor": "left", "yanchor": "middle", "borderpad": 0}
    return [
        note(_reach(values), look.colour("soft"), 10, place, y=top - (i + 0.5) * height, xshift=6)
        # By this name a page finds it again, for other inputs.
        | {"name": "reach"}
        for i, values in enumerate(panel.values)
    ]


def answer_curves(panel: Panel, view: Panels, look: Look) -> list[dict[str, Any]]:
    """A curve an output, and dashed in the same colour the right numbers where they are known."""
    many = len(panel.units) > 1
    inks = LINES if many else (look.colour(panel.signal.name),)
    answers = [
        _line(panel, view, name, line, inks[i % len(inks)], 1.8)
        | {"hovertemplate": _hover(look, name, "%{y:.4g}")}
        for i, (name, line) in enumerate(zip(panel.units, panel.values, strict=True))
    ]
    targets = () if panel.targets is None else panel.targets
    right = [
        _target_line(panel, view, name, line, inks[i % len(inks)], look)
        for i, (name, line) in enumerate(zip(panel.units, targets, strict=False))
    ]
    return [*right, *answers]


def curve_axis(panel: Panel) -> dict[str, Any]:
    """Axis of values that holds the curves and the right numbers."""
    values = panel.values if panel.targets is None else np.append(panel.values, panel.targets)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    pad = 0.06 * (high - low) or 1.0
    return {"range": [low - pad, high + pad], "nticks": 3, "tickfont": {"size": 10}}


def _target_line(
    panel: Panel, view: Panels, name: str, line: Array, ink: str, look: Look
) -> dict[str, Any]:
    """Dashes through the right numbers; single ones are points."""
    is_single = np.isfinite(line).sum() <= 2
    return _line(panel, view, name, line, ink, 1.4) | {
        "name": "targets",
        "line": {"color": ink, "width": 1.4, "dash": "dot"},
        "mode": "markers" if is_single else "lines",
        "marker": {"color": ink, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
        "hovertemplate": _hover(look, f"{look.word('target')} · {name}", "%{y:.4g}"),
    }


def class_targets(panel: Panel, view: Panels, look: Look) -> dict[str, Any]:
    """A ring on the right output at every step where it is known."""
    assert panel.targets is not None
    steps, ids = np.flatnonzero(~np.isnan(panel.targets)), step_ids(view)
    rows = [int(panel.targets[t]) for t in steps]
    return {
        "type": "scatter",
        "name": "targets",
        "x": [ids[t] for t in steps],
        "y": [str(row) for row in rows],
        "mode": "markers",
        "marker": {
            "symbol": "circle",
            "size": 7 if view.n_steps <= 60 else 5,
            "color": "#ffffff",
            "line": {"color": "#000000", "width": 1.5},
        },
        "meta": [{"signal": panel.signal.name}],
        "showlegend": False,
        "customdata": [as_typed(panel.units[row]) for row in rows],
        "hovertemplate": f"{look.word('target')}: %{{customdata}}<extra></extra>",
    }


def _line(
    panel: Panel, view: Panels, name: str, line: Array, ink: str, width: float
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": step_ids(view),
        "y": [float(y) if np.isfinite(y) else None for y in line],
        "name": as_typed(name),
        "meta": [{"signal": panel.signal.name}],
        "mode": "lines+markers" if view.n_steps == 1 else "lines",
        "line": {"color": ink, "width": width},
        "showlegend": False,
    }


def _strip_heights(values: Array) -> Array:
    """Values (row, time) as places on the axis of rows, which points downward."""
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    share = np.where(high > low, (values - low) / np.where(high > low, high - low, 1), 0.5)
    return np.asarray(np.arange(len(values))[:, None] + _PART * (0.5 - share))


def _reach(values: Array) -> str:
    low, high = (f"{end:.2g}".replace("-", "−") for end in (values.min(), values.max()))
    return low if low == high else f"{low}…{high}"


def strips_width(panel: Panel) -> int:
    """Pixels that the numbers right of the strips take."""
    return 10 + max(label_width(_reach(values)) for values in panel.values)


def _hover(look: Look, name: str, value: str) -> str:
    return f"<b>{as_typed(name)} {value}</b><br>{look.word('axis.step')} %{{x}}<extra></extra>"
