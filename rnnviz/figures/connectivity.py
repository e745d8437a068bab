"""Map of gradients between all pairs of steps, and how they fade with the distance."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np

from rnnviz.analysis.connectivity import Connectivity
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import axis_pair, on_axes
from rnnviz.figures.notes import PAPER, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, colorscale
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import format_number, superscript

_POWERS = 3  # of ten that the colours tell apart, at most
_MAP, _LINE = [0.36, 1.0], [0.0, 0.22]


@with_type_scale
def figure(view: Connectivity, look: Look, *, height: int = 620) -> PlotlyJson:
    """A row for every step that is looked at, a column for every step that acted on it; below, the
    median norm at every distance in steps."""
    steps = np.arange(len(view.tokens)) + view.start + 1
    return {
        "data": [_map(view, steps, look), _line(view, look)],
        "layout": {
            "height": height,
            "margin": {"l": 56, "r": 54, "t": 44, "b": 50},
            "showlegend": False,
            **_axes(view, steps, look),
            "annotations": [
                _title(look.word("connectivity.title", of=_target(view, look)), 1.0, look),
                _title(
                    look.word("connectivity.by_lag", length=f"{view.memory_length:g}"), 0.22, look
                ),
                *untrained_note(view.is_trained, look, yshift=-26),
            ],
            **base_layout(look),
        },
    }


def _ends(logarithms: Array) -> tuple[float, float]:
    """Ends of the colour scale, powers of ten: all norms, or the largest of them."""
    finite = logarithms[np.isfinite(logarithms)]
    if not finite.size:
        return -1.0, 0.0
    high = float(finite.max())
    return max(ceil(high) - _POWERS, min(float(finite.min()), high - 0.1)), high


def _ticks(low: float, high: float, is_cut: bool) -> tuple[list[float], list[str]]:
    """Whole powers of ten with their labels, or both ends where fewer than two are whole.

    is_cut  whether there are norms below `low`, which have its colour.
    """
    whole = list(range(ceil(low), floor(high) + 1))
    if len(whole) < 2:
        return [low, high], [format_number(10**end) for end in (low, high)]
    labels = [f"10{superscript(power)}" for power in whole]
    return [*map(float, whole)], ["≤" * is_cut + labels[0], *labels[1:]]


def _target(view: Connectivity, look: Look) -> str:
    if view.target == "hidden":
        return look.word("signal.hidden")
    if view.target == "loss":
        return look.word("connectivity.loss")
    kind, _, number = view.target.rpartition(" ")
    return f"{look.word('axis.unit')} {number}" if kind == "unit" else as_typed(view.target)


def _map(view: Connectivity, steps: Array, look: Look) -> dict[str, Any]:
    shown = np.where(np.isfinite(view.logarithms), view.logarithms, np.nan)
    low, high = _ends(view.logarithms)
    ticks, labels = _ticks(low, high, bool((shown < low).any()))
    word = look.word("axis.step")
    return {
        "type": "heatmap",
        "x": steps,
        "y": steps,
        "z": shown.astype(np.float32),
        "zmin": low,
        "zmax": high,
        "colorscale": colorscale("Viridis"),
        "hoverongaps": False,
        "hovertemplate": f"{word} %{{y}} ← {word} %{{x}}<br>10^%{{z:.2f}}<extra></extra>",
        "colorbar": {
            "thickness": 8,
            "outlinewidth": 0,
            "y": sum(_MAP) / 2,
            "len": _MAP[1] - _MAP[0],
            "tickvals": ticks,
            "ticktext": labels,
            "tickfont": {"size": 10},
        },
        **on_axes(1),
    }


def _line(view: Connectivity, look: Look) -> dict[str, Any]:
    values = np.where(np.isfinite(view.by_lag), view.by_lag, np.nan)
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(values) < 40 else "lines",
        "x": np.arange(len(values)),
        "y": values,
        "line": {"color": look.colour("forget"), "width": 2},
        "hovertemplate": "%{x}: 10^%{y:.2f}<extra></extra>",
        **on_axes(2),
    }


def _axes(view: Connectivity, steps: Array, look: Look) -> dict[str, Any]:
    wrote, remembers = look.word("connectivity.acts"), look.word("connectivity.felt")
    numbers = {str(step): as_typed(token) for step, token in zip(steps, view.tokens, strict=True)}
    # Tokens stand for their numbers only where there is room for each.
    labels = {"labelalias": numbers, "dtick": 1} if len(steps) <= 30 else {"nticks": 12}
    side = {"tickangle": 0, **labels}
    across = {"title": {"text": wrote, "standoff": 4}, "domain": [0, 1], **side}
    up = {"title": {"text": remembers}, "domain": _MAP, "autorange": "reversed", **side}
    lag = {"title": {"text": look.word("connectivity.lag"), "standoff": 4}, "domain": [0, 1]}
    norm = {"title": {"text": "log₁₀"}, "domain": _LINE, "nticks": 4}
    return axis_pair(1, across, up) | axis_pair(2, lag, norm)


def _title(text: str, top: float, look: Look) -> dict[str, Any]:
    place = PAPER | {"x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    return note(f"<b>{text}</b>", look.colour("ink"), 13, place, yshift=6)
