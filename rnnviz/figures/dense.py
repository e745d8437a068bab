"""A gate's matrices as heatmaps, side by side on one scale."""

from __future__ import annotations

from html import escape
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.contributions import pixels, subscripts
from rnnviz.figures.theme import colour, layout
from rnnviz.frozen import Array
from rnnviz.views.dense import Dense
from rnnviz.views.digits import digits
from rnnviz.words import word

_HEIGHT = 310
_MARGIN = {"l": 46, "r": 52, "t": 58, "b": 52}
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
    view: Dense, unit: int | None = None, *, language: str = "en", dark: bool = False
) -> go.Figure:
    """W_x, W_h and the biases as heatmaps: a row a unit, a column a number that it reads.

    unit  the unit whose row is outlined.

    >>> import rnnviz as rv
    >>> from rnnviz.views.dense import dense
    >>> figure = matrices(dense(rv.random_model("lstm", n_inputs=3, n_units=5), 0, "forget"))
    >>> [heatmap.z.shape for heatmap in figure.data]
    [(5, 3), (5, 5), (5, 2)]
    """
    parts = _parts(view, language)
    widths = _widths(parts)
    figure = make_subplots(
        1, len(parts), shared_yaxes=True, column_widths=widths, horizontal_spacing=0.03
    )
    for number, (part, width) in enumerate(zip(parts, widths, strict=True), start=1):
        figure.add_trace(_heatmap(view, part, language), 1, number)
        figure.update_xaxes(_column_axis(part, width), row=1, col=number)
        figure.add_annotation(_name(part, number, dark))
        if unit is not None:
            figure.add_shape(_outline(unit, part, dark), row=1, col=number)
    figure.update_yaxes(type="category", autorange="reversed", nticks=8, tickfont={"size": 10})
    figure.update_layout(height=_HEIGHT, margin=_MARGIN, **layout(dark))
    figure.update_layout(coloraxis=_scale(parts, dark))
    figure.update_layout(yaxis_title=_axis_title(word("axis.unit", language)))
    figure.add_annotation(_title(view, language, dark))
    if not view.is_trained:
        figure.add_annotation(_untrained(language, dark))
    return figure


def _parts(view: Dense, language: str) -> list[_Part]:
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


def _heatmap(view: Dense, part: _Part, language: str) -> go.Heatmap:
    unit = word("axis.unit", language)
    return go.Heatmap(
        z=part.values.astype(np.float32),
        x=_positions(part),
        y=view.units,
        coloraxis="coloraxis",
        hovertemplate=f"<b>%{{z:.4f}}</b><br>{unit} %{{y}}<br>{part.axis} %{{x}}<extra></extra>",
    )


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
        "colorscale": "RdBu_r",
        "cmin": -limit,
        "cmax": limit,
        "colorbar": {
            "thickness": 7,
            "outlinewidth": 0,
            "xpad": 6,
            "ypad": 0,
            "tickvals": ends,
            "ticktext": list(map(digits, ends)),
            "tickfont": {"size": 10, "color": colour("soft", dark)},
        },
    }


def _outline(unit: int, part: _Part, dark: bool) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": -0.5,
        "x1": len(part.columns) - 0.5,
        "y0": unit - 0.5,
        "y1": unit + 0.5,
        "line": {"color": colour("ink", dark), "width": 2},
    }


def _name(part: _Part, number: int, dark: bool) -> dict[str, Any]:
    axis = "" if number == 1 else str(number)
    place = {"xref": f"x{axis} domain", "yref": "paper", "x": 0, "y": 1}
    return _note(part.name, colour("ink", dark), 12) | place | _ABOVE


def _title(view: Dense, language: str, dark: bool) -> dict[str, Any]:
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
