"""Growth of the difference between two models: the largest |Δ| of hidden states, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.figures.curves import LINES
from rnnviz.figures.notes import ABOVE, PAPER, as_typed, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import superscript

_MOST_TOKENS = 24  # that have room for their labels
_MOST_LEGEND = 8
_LEAST_POWER, _MOST_POWERS = -17, 6


@dataclass(frozen=True, eq=False)
class GrowthCurves:
    """Largest |Δ| (time,) of the hidden states of each layer.

    names   of the layers, in the figure's language.
    tokens  labels, one a step.
    parted  the step, counted from 0, at which the models part; None where they do not.
    """

    names: tuple[str, ...]
    values: tuple[Array, ...]
    tokens: tuple[str, ...]
    parted: int | None = None


@with_type_scale
def figure(view: GrowthCurves, look: Look) -> PlotlyJson:
    """A line a layer over all steps, |Δ| in powers of ten; where nothing differs there is none.

    >>> view = GrowthCurves(("layer 1",), (np.array([0.0, 1e-3, 0.1]),), ("a", "b", "c"), 1)
    >>> drawn = figure(view, Look())
    >>> drawn["data"][0]["name"], drawn["layout"]["shapes"][0]["x0"]
    ('layer 1', 2)
    """
    powers = [_powers(values) for values in view.values]
    return {
        "data": [_line(view, i, power, look) for i, power in enumerate(powers)],
        "layout": {
            "height": 240,
            "margin": {"l": 52, "r": 16, "t": 58, "b": 46},
            "showlegend": 1 < len(view.names) <= _MOST_LEGEND,
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left"},
            "xaxis": {"anchor": "y", "title": {"text": look.word("axis.step")}, **_steps(view)},
            "yaxis": {"anchor": "x", **_power_axis(powers, look)},
            "annotations": _notes(view, look),
            "shapes": _mark(view, look),
            **base_layout(look),
        },
    }


def _powers(values: Array) -> Array:
    """Powers of ten, NaN for 0."""
    sizes = np.asarray(values, np.float64)
    return np.log10(sizes, out=np.full(sizes.shape, np.nan), where=sizes > 0)


def _line(view: GrowthCurves, number: int, powers: Array, look: Look) -> dict[str, Any]:
    ink = look.colour("hidden") if len(view.names) == 1 else LINES[number % len(LINES)]
    name = as_typed(view.names[number])
    return {
        "type": "scatter",
        "x": list(range(1, len(powers) + 1)),
        "y": powers,
        "customdata": np.asarray(view.values[number], np.float64),
        "name": name,
        "mode": "lines+markers" if len(powers) <= _MOST_TOKENS else "lines",
        "line": {"color": ink, "width": 1.8},
        "marker": {"size": 5},
        "hovertemplate": f"{name}<br>{look.word('axis.step')} %{{x}}"
        "<br>|Δh| = %{customdata:.3g}<extra></extra>",
    }


def _steps(view: GrowthCurves) -> dict[str, Any]:
    count = len(view.tokens)
    axis: dict[str, Any] = {"range": [0.5, count + 0.5]}
    if count > _MOST_TOKENS:
        return axis
    numbers = [str(n) for n in range(1, count + 1)]
    labels = numbers if list(view.tokens) == numbers else list(map(as_typed, view.tokens))
    return axis | {"tickvals": list(range(1, count + 1)), "ticktext": labels, "tickangle": 0}


def _power_axis(powers: list[Array], look: Look) -> dict[str, Any]:
    every = np.concatenate(powers)
    known = every[np.isfinite(every)]
    low, high = (floor(known.min()), ceil(known.max())) if len(known) else (-8, 0)
    low = max(low, _LEAST_POWER)
    high = max(high, low + 1)
    ticks = list(range(low, high + 1, max(1, ceil((high - low) / _MOST_POWERS))))
    return {
        "range": [low - 0.1, high + 0.1],
        "tickvals": ticks,
        "ticktext": [f"10{superscript(power)}" for power in ticks],
        "showgrid": True,
        "gridcolor": look.colour("line"),
    }


def _notes(view: GrowthCurves, look: Look) -> list[dict[str, Any]]:
    title = note(look.word("growth.title"), look.colour("soft"), 13, ABOVE, yshift=26)
    if any(values.any() for values in view.values):
        return [title]
    middle = PAPER | {"x": 0.5, "y": 0.5, "xanchor": "center", "yanchor": "middle"}
    return [title, note(look.word("growth.none"), look.colour("soft"), 13, middle)]


def _mark(view: GrowthCurves, look: Look) -> list[dict[str, Any]]:
    if view.parted is None:
        return []
    line = {"dash": "dot", "width": 1.5, "color": look.colour("gap")}
    at = view.parted + 1
    ends = {"x0": at, "x1": at, "y0": 0, "y1": 1}
    return [{"type": "line", "xref": "x", "yref": "y domain", "line": line, **ends}]
