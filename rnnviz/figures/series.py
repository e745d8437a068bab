"""Lines over one axis, panels one under the other, each named in its own colour."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np

from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.figures.axes import axis_pair, axis_suffix, domains, on_axes
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import superscript

_TOP, _GAP, _BOTTOM = 34, 46, 64
_WRITTEN_OUT = range(-2, 5)  # powers of ten
_DASH = {"rule": "dash"}
# Before the names of lines in the words over their panel.
MARKS = {"line": "━", "rule": "╌", "points": "●"}


@with_type_scale
def figure(view: LinePanels, look: Look, *, height: int = 320) -> PlotlyJson:
    """Panels of lines; a logarithmic axis names its powers of ten.

    >>> from rnnviz.analysis.series import LineSeries
    >>> line = LineSeries("rule", "hidden", np.arange(3), np.arange(3.0))
    >>> figure(LinePanels(((line,),), "since", 0, 2), Look())["data"][0]["name"]
    'rule'
    """
    numbered = list(enumerate(view.panels, start=1))
    return {
        "data": [_line(line, view, number, look) for number, panel in numbered for line in panel],
        "layout": {
            "height": height,
            "margin": {"l": 52, "r": 14, "t": _top(view, look), "b": _BOTTOM},
            "showlegend": False,
            "annotations": [
                *(_names(panel, number, look) for number, panel in numbered),
                # Under the axis' title.
                *untrained_note(view.is_trained, look, yshift=-46),
            ],
            **_axes(view, height - _TOP - _BOTTOM, look),
            **base_layout(look),
        },
    }


def _top(view: LinePanels, look: Look) -> int:
    """Room over the first panel, for its names."""
    return _TOP if look.scale == 1 else 16 * len(view.panels[0]) + 4


def _axes(view: LinePanels, inner: int, look: Look) -> dict[str, Any]:
    """A pair for every panel, the first on top; all share the last one's axis along."""
    count = len(view.panels)
    axes: dict[str, Any] = {}
    for number, domain in enumerate(reversed(domains([1] * count, _GAP / inner)), start=1):
        along: dict[str, Any] = {"matches": f"x{count}", "showticklabels": False}
        if number == count:
            along = {"title": {"text": look.word(f"course.axis.{view.axis}")}}
        scale = {"range": [view.low, view.high], **_scale(view, look)}
        axes |= axis_pair(number, _tokens(view, look) | along, {"domain": domain} | scale)
    return axes


def _line(line: LineSeries, view: LinePanels, number: int, look: Look) -> dict[str, Any]:
    name, axis = look.word(f"course.{line.name}"), look.word(f"course.axis.{view.axis}")
    return {
        "type": "scatter",
        "x": line.x,
        "y": [float(value) if np.isfinite(value) else None for value in line.y],
        **on_axes(number),
        "name": line.name,
        "mode": "markers" if line.style == "points" else "lines",
        "line": {"color": look.colour(line.colour), "width": 2.4, "dash": _DASH.get(line.style)},
        "marker": {"color": look.colour(line.colour), "size": 9},
        "customdata": np.power(10.0, line.y) if view.is_logarithmic else line.y,
        "hovertemplate": f"<b>{name} %{{customdata:.3g}}</b><br>{axis} %{{x}}<extra></extra>",
    }


def _names(panel: tuple[LineSeries, ...], number: int, look: Look) -> dict[str, Any]:
    names = [
        f'<b style="color:{look.colour(line.colour)}">{MARKS[line.style]}'
        f" {look.word(f'course.{line.name}')}</b>"
        for line in panel
    ]
    place = ABOVE | {"yref": f"y{axis_suffix(number)} domain"}
    # In large type they stand one under the other.
    size, between = (13, " \u2002 ") if look.scale == 1 else (11, "<br>")
    said = between.join(names)
    return note(said, look.colour("ink"), size, place, yshift=4, align="left")


def _scale(view: LinePanels, look: Look) -> dict[str, Any]:
    grid = {"showgrid": True, "gridcolor": look.colour("line")}
    if not view.is_logarithmic:
        return grid | {"nticks": 5}
    low, high = ceil(view.low), floor(view.high)
    step = max(1, ceil((high - low) / 6))
    # Multiples of the step, so that 1, where nothing was lost, is always named.
    powers = range(ceil(low / step) * step, high + 1, step)
    return grid | {"tickvals": list(powers), "ticktext": [power_of_ten(p) for p in powers]}


def power_of_ten(power: int) -> str:
    """Label of a power of ten on an axis.

    >>> [power_of_ten(power) for power in (-6, -2, 0, 3)]
    ['10⁻⁶', '0.01', '1', '1000']
    """
    return f"{10.0**power:g}" if power in _WRITTEN_OUT else f"10{superscript(power)}"


def _tokens(view: LinePanels, look: Look) -> dict[str, Any]:
    if not view.tokens:
        return {}
    return {
        "tickvals": list(range(len(view.tokens))),
        "ticktext": list(map(as_typed, view.tokens)),
        "tickfont": {"size": 13, "color": look.colour("ink")},
        "tickangle": 0,
    }
