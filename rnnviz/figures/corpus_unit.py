"""A unit over a corpus: the histogram of its numbers, and under it what it follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.found_units import feature_name
from rnnviz.core.arrays import Array
from rnnviz.corpus.corpus_unit import CorpusUnit
from rnnviz.figures.axes import axis_pair, on_axes
from rnnviz.figures.notes import PAPER, as_typed, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import format_number

_TOP, _HISTOGRAM, _BETWEEN, _ROW, _BOTTOM = 30, 150, 74, 26, 76
_LEAST_ROWS = 2
# Where a signal has no bounds: marks on v/(1 + |v|), which is drawn.
_MARKS = (-10, -3, -1, -0.3, 0, 0.3, 1, 3, 10)


@with_type_scale
def figure(view: CorpusUnit, look: Look, *, height: int = 0) -> PlotlyJson:
    """Bars over the range of the signal, and a bar for each feature with its shifted copies.

    A signal without bounds is drawn over v/(1 + |v|), and its marks tell v.
    """
    rows = _ROW * max(_LEAST_ROWS, len(view.correlations))
    inner = _HISTOGRAM + _BETWEEN + rows
    lower, upper = rows / inner, (rows + _BETWEEN) / inner
    return {
        "data": [_histogram(view, look), _correlations(view, look), _shifted(view, look)],
        "layout": {
            "height": height or _TOP + inner + _BOTTOM,
            "margin": {"l": 48, "r": 12, "t": _TOP, "b": _BOTTOM},
            "bargap": 0.04,
            "annotations": [*_titles(view, look, lower), _mean_note(view, look)],
            "shapes": [_mean_line(view, look)],
            **axis_pair(1, _range(view), _shares(look, [upper, 1])),
            **axis_pair(2, _of_r(), _names(view, look, [0, lower])),
            **base_layout(look),
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 0,
                "yanchor": "bottom",
                "yref": "container",
            },
        },
    }


def _is_open(view: CorpusUnit) -> bool:
    return bool(np.isinf(view.edges).any())


def _drawn(view: CorpusUnit, values: Any) -> Array:
    """Numbers where they are drawn."""
    numbers: Array = np.asarray(values, float)
    if not _is_open(view):
        return numbers
    with np.errstate(invalid="ignore"):
        drawn = np.where(np.isinf(numbers), np.sign(numbers), numbers / (1 + np.abs(numbers)))
    return np.asarray(drawn)


def _histogram(view: CorpusUnit, look: Look) -> dict[str, Any]:
    edges = _drawn(view, view.edges)
    told = zip(view.edges[:-1].tolist(), view.edges[1:].tolist(), strict=True)
    return {
        "type": "bar",
        **on_axes(1),
        "x": (edges[:-1] + edges[1:]) / 2,
        "width": np.diff(edges),
        "y": view.shares,
        "marker": {"color": look.colour(view.signal), "line": {"width": 0}},
        "customdata": [f"{format_number(low)} … {format_number(high)}" for low, high in told],
        "hovertemplate": "%{customdata}: %{y:.1%}<extra></extra>",
        "showlegend": False,
    }


def _correlations(view: CorpusUnit, look: Look) -> dict[str, Any]:
    values = list(view.correlations.values())
    return {
        "type": "bar",
        "orientation": "h",
        **on_axes(2),
        "x": values,
        "y": list(range(len(values))),
        "width": 0.55,
        "marker": {"color": look.colour(view.signal), "line": {"width": 0}},
        "hovertemplate": "r = %{x:.2f}<extra></extra>",
        "name": look.word("corpus.r"),
    }


def _shifted(view: CorpusUnit, look: Look) -> dict[str, Any]:
    """Marks on both sides, since a copy's r may have either sign."""
    largest = list(view.shifted.values())
    name = look.word("units.control.shifted")
    return {
        "type": "scatter",
        "mode": "markers",
        **on_axes(2),
        "x": [*largest, *(-one for one in largest)],
        "y": [*range(len(largest)), *range(len(largest))],
        "marker": {
            "symbol": "line-ns-open",
            "size": 12,
            "color": look.colour("ink"),
            "line": {"width": 1.8, "color": look.colour("ink")},
        },
        "name": name,
        "hovertemplate": f"{name}: |r| = %{{x:.2f}}<extra></extra>",
    }


def _range(view: CorpusUnit) -> dict[str, Any]:
    edges = _drawn(view, view.edges)
    pad = 0.01 * float(edges[-1] - edges[0])
    axis: dict[str, Any] = {"range": [float(edges[0]) - pad, float(edges[-1]) + pad]}
    if _is_open(view):
        marks = [f"{mark:g}".replace("-", "−") for mark in _MARKS]
        axis |= {"tickvals": _drawn(view, _MARKS).tolist(), "ticktext": marks}
    return axis | {"showline": True}


def _shares(look: Look, domain: list[float]) -> dict[str, Any]:
    return {
        "domain": domain,
        "tickformat": ".0%",
        "rangemode": "tozero",
        "nticks": 4,
        "title": {"text": look.word("corpus.share"), "standoff": 4},
    }


def _of_r() -> dict[str, Any]:
    return {"range": [-1.04, 1.04], "tickvals": [-1, -0.5, 0, 0.5, 1], "showline": True}


def _names(view: CorpusUnit, look: Look, domain: list[float]) -> dict[str, Any]:
    names = [as_typed(feature_name(name, look.language)) for name in view.correlations]
    return {
        "domain": domain,
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [max(_LEAST_ROWS, len(names)) - 0.4, -0.6],
        "showgrid": True,
        "gridcolor": look.colour("line"),
    }


def _titles(view: CorpusUnit, look: Look, lower: float) -> list[dict[str, Any]]:
    signal = look.word(f"signal.{view.signal}")
    ink = look.colour("ink")
    place = PAPER | {"x": 0, "y": lower, "xanchor": "left", "yanchor": "bottom"}
    over = look.word("corpus.histogram", signal=signal, unit=view.unit)
    return [
        note(f"<b>{over}</b>", ink, yshift=6),
        note(f"<b>{look.word('corpus.correlations')}</b>", ink, 13, place, yshift=6),
    ]


def _mean_line(view: CorpusUnit, look: Look) -> dict[str, Any]:
    at = float(_drawn(view, view.mean))
    line = {"color": look.colour("ink"), "width": 1.5, "dash": "dot"}
    ends = {"xref": "x", "yref": "y domain", "y0": 0, "y1": 1, "line": line}
    return {"type": "line", "x0": at, "x1": at, **ends}


def _mean_note(view: CorpusUnit, look: Look) -> dict[str, Any]:
    edges = _drawn(view, view.edges)
    at = float(_drawn(view, view.mean))
    is_right = at > (edges[0] + edges[-1]) / 2
    place = {"x": at, "y": 1, "xref": "x", "yref": "y domain", "yanchor": "top"}
    side = {"xanchor": "right" if is_right else "left", "xshift": -4 if is_right else 4}
    text = f"{look.word('corpus.mean')} {format_number(view.mean)}"
    return note(text, look.colour("ink"), 11, place, **side)
