"""Features beside the units and probes that follow them, and the controls, as points on |r|."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnviz.analysis.found_units import FoundUnits, ReadOff, feature_name
from rnnviz.corpus.result import CorpusScan
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

_ROW, _TOP, _BOTTOM, _GAP = 30, 44, 84, 0.04
# On a phone the legend takes more lines, and few rows would be left without room.
_LEAST_ROWS = 4
_MARKS = {"shifted": "line-ns-open", "labels": "x-thin-open", "weights": "triangle-up-open"}
_Found = FoundUnits | CorpusScan
_READINGS: dict[str, Callable[[Any], ReadOff]] = {
    "unit": lambda one: one.best,
    "probe": lambda one: one.probe,
}


@with_type_scale
def figure(view: _Found, look: Look, *, height: int = 0) -> PlotlyJson:
    """A row for each feature; the best unit on the left, the linear probe on the right.

    What is found is filled and stands right of the row's long mark, the least |r| that is found
    beside its controls, which are the small marks; what is not found is hollow. A corpus has no
    probe.
    """
    kinds = tuple(_READINGS) if isinstance(view, FoundUnits) else ("unit",)
    is_trained = not isinstance(view, FoundUnits) or view.stream.model.is_trained
    columns = domains([1] * len(kinds), _GAP)
    axes: dict[str, Any] = {}
    for number, domain in enumerate(columns, start=1):
        axes |= _axes(view, number, domain, look)
    return {
        "data": [
            trace
            for number, kind in enumerate(kinds, start=1)
            for trace in (
                *_controls(view, kind, number, look),
                _needed(view, kind, number, look),
                _readings(view, kind, number, look),
            )
        ],
        "layout": {
            "height": height or _TOP + _BOTTOM + _ROW * max(_LEAST_ROWS, len(view.features)),
            "margin": {"l": 8, "r": 12, "t": _TOP, "b": _BOTTOM},
            "showlegend": True,
            "annotations": [
                *(_title(kind, d, look) for kind, d in zip(kinds, columns, strict=True)),
                *untrained_note(is_trained, look, yshift=-46),
            ],
            **axes,
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


def _axes(view: _Found, number: int, domain: list[float], look: Look) -> dict[str, Any]:
    names = [as_typed(feature_name(one.name, look.language)) for one in view.features]
    across = {"domain": domain, "range": [-0.02, 1.04], "title": {"text": "|r|", "standoff": 4}}
    up = {
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [len(names) - 0.4, -0.8],
        "showticklabels": number == 1,
        "showgrid": True,
        "gridcolor": look.colour("line"),
    }
    return axis_pair(number, across | {"nticks": 6, "showline": True}, up)


def _readings(view: _Found, kind: str, number: int, look: Look) -> dict[str, Any]:
    told = [_READINGS[kind](one) for one in view.features]
    return {
        "type": "scatter",
        "mode": "markers+text",
        **on_axes(number),
        "x": [abs(one.r) for one in told],
        "y": list(range(len(told))),
        "name": look.word("units.legend.reading"),
        "legendgroup": "reading",
        "showlegend": number == 1,
        "text": [str(one.unit) if kind == "unit" else "" for one in view.features],
        "textposition": "top center",
        "textfont": {"size": 10, "color": look.colour("ink")},
        "customdata": [view.sentence(one.name, look.language) for one in view.features],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {
            "symbol": ["circle" if one.is_found else "circle-open" for one in told],
            "size": 11,
            "color": [look.colour("update" if one.is_found else "ink") for one in told],
        },
    }


def _controls(view: _Found, kind: str, number: int, look: Look) -> list[dict[str, Any]]:
    told = [_READINGS[kind](one).controls for one in view.features]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            **on_axes(number),
            "x": [controls.get(name, np.nan) for controls in told],
            "y": list(range(len(told))),
            "name": look.word(f"units.control.{name}"),
            "legendgroup": name,
            "showlegend": number == 1,
            "hovertemplate": f"{look.word(f'units.control.{name}')} %{{x:.2f}}<extra></extra>",
            "marker": {
                "symbol": symbol,
                "size": 9,
                "color": look.colour("candidate"),
                "line": {"width": 1.6, "color": look.colour("candidate")},
            },
        }
        for name, symbol in _MARKS.items()
        if name != "weights" or isinstance(view, FoundUnits)
    ]


def _title(kind: str, domain: list[float], look: Look) -> dict[str, Any]:
    place = PAPER | {"x": domain[0], "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return note(
        f"<b>{look.word(f'units.panel.{kind}')}</b>", look.colour("ink"), 13, place, yshift=12
    )


def _needed(view: _Found, kind: str, number: int, look: Look) -> dict[str, Any]:
    """Marks at the least |r| that is found; none in the row of a feature that cannot be told."""
    name, ink = look.word("units.legend.needed"), look.colour("ink")
    return {
        "type": "scatter",
        "mode": "markers",
        **on_axes(number),
        "x": [_READINGS[kind](one).needed for one in view.features],
        "y": list(range(len(view.features))),
        "name": name,
        "legendgroup": "needed",
        "showlegend": number == 1,
        "hovertemplate": f"{name} %{{x:.2f}}<extra></extra>",
        "marker": {"symbol": "line-ns-open", "size": 14, "color": ink, "line": {"width": 1.2}},
    }
