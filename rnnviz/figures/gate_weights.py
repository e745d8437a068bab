"""A gate's matrices as heatmaps, side by side on one scale."""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

import numpy as np

from rnnviz.analysis.gate_weights import GateWeights
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import axis_pair, axis_suffix, domains, on_axes
from rnnviz.figures.contributions import subscripts
from rnnviz.figures.notes import ABOVE, as_typed, label_width, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import (
    Look,
    base_layout,
    colorbar,
    colorscale,
    diverging_scale,
)
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import format_number

_HEIGHT = 310
_MARGIN = {"l": 46, "r": 52, "t": 58, "b": 52}
_BETWEEN = 0.03
# Of the columns of all: a matrix of one column is still seen.
_NARROWEST = 0.16
# Pixels on which labels still stand side by side without touching.
_USUAL_WIDTH = 320


class _Matrix(NamedTuple):
    """One heatmap: its name, what its columns are, and their labels."""

    name: str
    axis: str
    values: Array
    columns: tuple[str, ...]


@with_type_scale
def figure(view: GateWeights, look: Look, unit: int | None = None) -> PlotlyJson:
    """W_x, W_h and the biases as heatmaps: a row a unit, a column a number that it reads.

    unit  the unit whose row is outlined.
    """
    matrices = _matrices(view, look)
    numbered = list(enumerate(matrices, start=1))
    return {
        "data": [_heatmap(view, matrix, number, look) for number, matrix in numbered],
        "layout": {
            "height": _HEIGHT,
            "margin": _MARGIN,
            "coloraxis": _color_axis(matrices, look),
            "shapes": [] if unit is None else [_outline(unit, *one, look) for one in numbered],
            "annotations": [
                *(_name(matrix, number, look) for number, matrix in numbered),
                _title(view, look),
                *untrained_note(view.is_trained, look, yshift=-34),
            ],
            **_axes(matrices, look),
            **base_layout(look),
        },
    }


def _axes(matrices: list[_Matrix], look: Look) -> dict[str, dict[str, Any]]:
    """Columns of their own for every matrix, and the rows of all together."""
    widths = _widths(matrices)
    rows = {"type": "category", "autorange": "reversed", "nticks": 8, "tickfont": {"size": 10}}
    axes: dict[str, dict[str, Any]] = {}
    for number, (matrix, width, domain) in enumerate(
        zip(matrices, widths, domains(widths, _BETWEEN), strict=True), start=1
    ):
        columns = {"domain": domain} | _column_axis(matrix, width)
        shared = {"matches": "y", "showticklabels": False} if number > 1 else {}
        axes |= axis_pair(number, columns, {"domain": [0, 1]} | rows | shared)
    axes["yaxis"]["title"] = _axis_title(look.word("axis.unit"))
    return axes


def _matrices(view: GateWeights, look: Look) -> list[_Matrix]:
    inputs, recurrent, bias = map(_subscripted, view.letters)
    names = tuple(map(as_typed, view.input_names))
    biases = tuple(map(subscripts, view.bias_symbols))
    before = look.word("arithmetic.before")
    matrices = [
        _Matrix(inputs, look.word("axis.input"), view.inputs, names),
        _Matrix(recurrent, before, view.recurrent, view.hidden_names),
        _Matrix(bias, look.word("arithmetic.biases"), view.biases, biases),
    ]
    return [matrix for matrix in matrices if matrix.columns]


def _subscripted(symbol: str) -> str:
    letter, _, below = symbol.partition("_")
    return f"{letter}<sub>{below}</sub>" if below else letter


def _widths(matrices: list[_Matrix]) -> list[float]:
    columns = np.array([len(matrix.columns) for matrix in matrices])
    shares = np.maximum(columns / columns.sum(), _NARROWEST)
    return [float(share) for share in shares / shares.sum()]


def _heatmap(view: GateWeights, matrix: _Matrix, number: int, look: Look) -> dict[str, Any]:
    unit = look.word("axis.unit")
    return {
        "type": "heatmap",
        "z": matrix.values.astype(np.float32),
        "x": _column_ids(matrix),
        "y": list(view.units),
        **on_axes(number),
        "coloraxis": "coloraxis",
        "hovertemplate": f"<b>%{{z:.4f}}</b><br>{unit} %{{y}}<br>{matrix.axis} %{{x}}"
        "<extra></extra>",
    }


def _column_axis(matrix: _Matrix, width: float) -> dict[str, Any]:
    n_labels = max(1, int(width * _USUAL_WIDTH / (6 + max(map(label_width, matrix.columns)))))
    ids = _column_ids(matrix)
    return {
        "type": "category",
        "labelalias": dict(zip(ids, matrix.columns, strict=True)),
        "title": _axis_title(matrix.axis),
        "tickfont": {"size": 10},
        "tickangle": 0,
        "tickvals": ids[:: ceil(len(ids) / n_labels)],
    }


def _column_ids(matrix: _Matrix) -> list[str]:
    """Category of every column: labels may be alike, categories may not."""
    return [str(column) for column in range(len(matrix.columns))]


def _axis_title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 11}, "standoff": 4}


def _color_axis(matrices: list[_Matrix], look: Look) -> dict[str, Any]:
    limit = max(float(np.abs(matrix.values).max()) for matrix in matrices) or 1.0
    ends = [-limit, 0.0, limit]
    font = {"size": 10, "color": look.colour("soft")}
    return {
        "colorscale": colorscale(diverging_scale(look.dark)),
        "cmin": -limit,
        "cmax": limit,
        "colorbar": colorbar(ends, ticktext=list(map(format_number, ends)), tickfont=font),
    }


def _outline(unit: int, number: int, matrix: _Matrix, look: Look) -> dict[str, Any]:
    return {
        "type": "rect",
        **on_axes(number, "ref"),
        "x0": -0.5,
        "x1": len(matrix.columns) - 0.5,
        "y0": unit - 0.5,
        "y1": unit + 0.5,
        "line": {"color": look.colour("ink"), "width": 2},
    }


def _name(matrix: _Matrix, number: int, look: Look) -> dict[str, Any]:
    place = ABOVE | {"xref": f"x{axis_suffix(number)} domain"}
    return note(matrix.name, look.colour("ink"), 12, place)


def _title(view: GateWeights, look: Look) -> dict[str, Any]:
    gate = f'<b style="color:{look.colour(view.signal.name)}">{look.signal(view.signal)}</b>'
    text = look.word("arithmetic.matrices", gate=gate)
    return note(text, look.colour("ink"), 13, ABOVE, yshift=24)
