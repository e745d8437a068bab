"""A gate's matrices as heatmaps, side by side on one scale."""

from __future__ import annotations

from functools import partial
from html import escape
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnnviz.analysis.gate_weights import GateWeights
from rnnviz.core.arrays import Array
from rnnviz.figures.contributions import pixels, subscripts
from rnnviz.figures.plotly_json import domains, numbered
from rnnviz.figures.theme import colour, layout, stops
from rnnviz.formatting import format_number
from rnnviz.i18n import word

_HEIGHT = 310
_MARGIN = {"l": 46, "r": 52, "t": 58, "b": 52}
_BETWEEN = 0.03
# Of the columns of all: a matrix of one column is still seen.
_NARROWEST = 0.16
# Pixels on which labels still stand side by side without touching.
_USUAL = 320


class _Part(NamedTuple):
    """One heatmap: its name, what its columns are, and their labels."""

    name: str
    axis: str
    values: Array
    columns: tuple[str, ...]


def matrices(
    view: GateWeights, unit: int | None = None, *, language: str = "en", dark: bool = False
) -> go.Figure:
    """W_x, W_h and the biases as heatmaps: a row a unit, a column a number that it reads.

    unit  the unit whose row is outlined.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.gate_weights import gate_weights
    >>> figure = matrices(gate_weights(rv.random_model("lstm", n_inputs=3, n_units=5), 0, "forget"))
    >>> [heatmap.z.shape for heatmap in figure.data]
    [(5, 3), (5, 5), (5, 2)]
    """
    return go.Figure(spec(view, unit, language=language, dark=dark))


def spec(
    view: GateWeights, unit: int | None = None, *, language: str = "en", dark: bool = False
) -> dict[str, Any]:
    """The same as the dictionary that Plotly draws."""
    parts = _parts(view, language)
    numbers = range(1, len(parts) + 1)
    outlined = [] if unit is None else [*map(partial(_outline, unit, dark), parts, numbers)]
    notes = [*map(partial(_name, dark), parts, numbers), _title(view, language, dark)]
    if not view.is_trained:
        notes.append(_untrained(language, dark))
    return {
        "data": [_heatmap(view, part, i, language) for i, part in enumerate(parts, start=1)],
        "layout": {
            "height": _HEIGHT,
            "margin": _MARGIN,
            "coloraxis": _scale(parts, dark),
            "shapes": outlined,
            "annotations": notes,
            **_axes(parts, language),
            **layout(dark),
        },
    }


def _axes(parts: list[_Part], language: str) -> dict[str, dict[str, Any]]:
    """Columns of their own for every matrix, and the rows of all together."""
    widths = _widths(parts)
    rows = {"type": "category", "autorange": "reversed", "nticks": 8, "tickfont": {"size": 10}}
    axes = {}
    for number, (part, width, span) in enumerate(
        zip(parts, widths, domains(widths, _BETWEEN), strict=True), start=1
    ):
        end = numbered(number)
        axes[f"xaxis{end}"] = {"anchor": f"y{end}", "domain": span} | _column_axis(part, width)
        axes[f"yaxis{end}"] = {"anchor": f"x{end}", "domain": [0, 1]} | rows
        if number > 1:
            axes[f"yaxis{end}"] |= {"matches": "y", "showticklabels": False}
    axes["yaxis"]["title"] = _axis_title(word("axis.unit", language))
    return axes


def _parts(view: GateWeights, language: str) -> list[_Part]:
    gate = view.signal.symbol
    names = tuple(escape(name, quote=False) for name in view.input_names)
    biases = tuple(map(subscripts, view.bias_symbols))
    before = word("arithmetic.before", language)
    parts = [
        _Part(f"W<sub>x{gate}</sub>", word("axis.input", language), view.inputs, names),
        _Part(f"W<sub>h{gate}</sub>", before, view.recurrent, view.hidden_names),
        _Part(f"b<sub>{gate}</sub>", word("arithmetic.biases", language), view.biases, biases),
    ]
    return [part for part in parts if part.columns]


def _widths(parts: list[_Part]) -> list[float]:
    columns = np.array([len(part.columns) for part in parts])
    shares = np.maximum(columns / columns.sum(), _NARROWEST)
    return [float(share) for share in shares / shares.sum()]


def _heatmap(view: GateWeights, part: _Part, number: int, language: str) -> dict[str, Any]:
    unit = word("axis.unit", language)
    return {
        "type": "heatmap",
        "z": part.values.astype(np.float32),
        "x": _positions(part),
        "y": list(view.units),
        "xaxis": f"x{numbered(number)}",
        "yaxis": f"y{numbered(number)}",
        "coloraxis": "coloraxis",
        "hovertemplate": f"<b>%{{z:.4f}}</b><br>{unit} %{{y}}<br>{part.axis} %{{x}}<extra></extra>",
    }


def _column_axis(part: _Part, width: float) -> dict[str, Any]:
    fitting = max(1, int(width * _USUAL / (6 + max(map(pixels, part.columns)))))
    positions = _positions(part)
    return {
        "type": "category",
        "labelalias": dict(zip(positions, part.columns, strict=True)),
        "title": _axis_title(part.axis),
        "tickfont": {"size": 10},
        "tickangle": 0,
        "tickvals": positions[:: ceil(len(positions) / fitting)],
    }


def _positions(part: _Part) -> list[str]:
    # Labels may be alike, positions may not.
    return [str(column) for column in range(len(part.columns))]


def _axis_title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 11}, "standoff": 4}


def _scale(parts: list[_Part], dark: bool) -> dict[str, Any]:
    limit = max(float(np.abs(part.values).max()) for part in parts) or 1.0
    ends = [-limit, 0.0, limit]
    return {
        "colorscale": stops("RdBu_r"),
        "cmin": -limit,
        "cmax": limit,
        "colorbar": {
            "thickness": 7,
            "outlinewidth": 0,
            "xpad": 6,
            "ypad": 0,
            "tickvals": ends,
            "ticktext": list(map(format_number, ends)),
            "tickfont": {"size": 10, "color": colour("soft", dark)},
        },
    }


def _outline(unit: int, dark: bool, part: _Part, number: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": f"x{numbered(number)}",
        "yref": f"y{numbered(number)}",
        "x0": -0.5,
        "x1": len(part.columns) - 0.5,
        "y0": unit - 0.5,
        "y1": unit + 0.5,
        "line": {"color": colour("ink", dark), "width": 2},
    }


def _name(dark: bool, part: _Part, number: int) -> dict[str, Any]:
    place = {"xref": f"x{numbered(number)} domain", "yref": "paper", "x": 0, "y": 1}
    return _note(part.name, colour("ink", dark), 12) | place | _ABOVE


def _title(view: GateWeights, language: str, dark: bool) -> dict[str, Any]:
    gate = view.signal.name
    said = f'<b style="color:{colour(gate, dark)}">{word(f"signal.{gate}", language)}</b>'
    text = word("arithmetic.matrices", language, gate=said)
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 24}
    return _note(text, colour("ink", dark), 13) | _ABOVE | place


def _untrained(language: str, dark: bool) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 1, "y": 0, "yshift": -34}
    note = _note(word("figure.untrained", language), colour("soft", dark), 11)
    return note | place | {"xanchor": "right", "yanchor": "top"}


_ABOVE = {"xanchor": "left", "yanchor": "bottom"}


def _note(text: str, ink: str, size: int) -> dict[str, Any]:
    return {"text": text, "showarrow": False, "font": {"size": size, "color": ink}}
