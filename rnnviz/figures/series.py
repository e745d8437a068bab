"""Lines over one axis, panels one under the other, each named in its own colour."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np

from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.figures.axes import safe, untrained
from rnnviz.figures.plotly_json import domains, numbered
from rnnviz.figures.theme import colour, layout
from rnnviz.i18n import word

_TOP, _GAP, _BOTTOM = 34, 46, 64
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_PLAIN = range(-2, 5)  # powers of ten that are written out
_DASH = {"rule": "dash"}


def courses(
    view: LinePanels, *, language: str = "en", dark: bool = False, height: int = 320
) -> dict[str, Any]:
    """The view as lines, as `go.Figure` takes them; a logarithmic axis names its powers of ten.

    >>> from rnnviz.analysis.series import LineSeries
    >>> line = LineSeries("rule", "hidden", np.arange(3), np.arange(3.0))
    >>> courses(LinePanels(((line,),), "since", 0, 2))["data"][0]["name"]
    'rule'
    """
    margin = {"l": 52, "r": 14, "t": _TOP, "b": _BOTTOM}
    panels = enumerate(view.panels, start=1)
    notes = [_names(panel, number, language, dark) for number, panel in panels]
    if not view.is_trained:
        # Under the axis' title.
        notes.append(untrained(True, language, dark) | {"yshift": -46})
    return {
        "data": _lines(view, language, dark),
        "layout": {
            "height": height,
            "margin": margin,
            "showlegend": False,
            "annotations": notes,
            **_axes(view, height - _TOP - _BOTTOM, language, dark),
            **layout(dark),
        },
    }


def _lines(view: LinePanels, language: str, dark: bool) -> list[dict[str, Any]]:
    return [
        _line(course, view, language, dark)
        | {"xaxis": f"x{numbered(number)}", "yaxis": f"y{numbered(number)}"}
        for number, panel in enumerate(view.panels, start=1)
        for course in panel
    ]


def _axes(view: LinePanels, inner: int, language: str, dark: bool) -> dict[str, Any]:
    """A pair for every panel, the first on top; all share the last one's axis along."""
    count = len(view.panels)
    axes: dict[str, Any] = {}
    for number, domain in enumerate(reversed(domains([1] * count, _GAP / inner)), start=1):
        own = numbered(number)
        if number < count:
            along = {"matches": f"x{count}", "showticklabels": False}
        else:
            along = {"title": {"text": word(f"course.axis.{view.axis}", language)}}
        axes[f"xaxis{own}"] = {"anchor": f"y{own}", **_tokens(view, dark), **along}
        scale = {"range": [view.low, view.high], **_scale(view, dark)}
        axes[f"yaxis{own}"] = {"anchor": f"x{own}", "domain": domain, **scale}
    return axes


def _line(course: LineSeries, view: LinePanels, language: str, dark: bool) -> dict[str, Any]:
    own = np.power(10.0, course.y) if view.is_logarithmic else course.y
    return {
        "type": "scatter",
        "x": course.x,
        "y": [float(value) if np.isfinite(value) else None for value in course.y],
        "name": course.name,
        "mode": "markers" if course.style == "points" else "lines",
        "line": {
            "color": colour(course.colour, dark),
            "width": 2.4,
            "dash": _DASH.get(course.style),
        },
        "marker": {"color": colour(course.colour, dark), "size": 9},
        "customdata": own,
        "hovertemplate": f"<b>{word(f'course.{course.name}', language)} %{{customdata:.3g}}</b>"
        f"<br>{word(f'course.axis.{view.axis}', language)} %{{x}}<extra></extra>",
    }


def _names(panel: tuple[LineSeries, ...], number: int, language: str, dark: bool) -> dict[str, Any]:
    marks = {"line": "━", "rule": "╌", "points": "●"}
    said = [
        f'<b style="color:{colour(course.colour, dark)}">{marks[course.style]}'
        f" {word(f'course.{course.name}', language)}</b>"
        for course in panel
    ]
    return {
        "text": " \u2002 ".join(said),
        "showarrow": False,
        "font": {"size": 13, "color": colour("ink", dark)},
        "xref": "paper",
        "yref": f"y{numbered(number)} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 4,
    }


def _scale(view: LinePanels, dark: bool) -> dict[str, Any]:
    grid = {"showgrid": True, "gridcolor": colour("line", dark)}
    if not view.is_logarithmic:
        return grid | {"nticks": 5}
    low, high = ceil(view.low), floor(view.high)
    step = max(1, ceil((high - low) / 6))
    # Multiples of the step, so that 1, where nothing was lost, is always named.
    powers = range(ceil(low / step) * step, high + 1, step)
    return grid | {"tickvals": list(powers), "ticktext": [power_of_ten(p) for p in powers]}


def power_of_ten(power: int) -> str:
    """A power of ten as an axis names it.

    >>> [power_of_ten(power) for power in (-6, -2, 0, 3)]
    ['10⁻⁶', '0.01', '1', '1000']
    """
    return f"{10.0**power:g}" if power in _PLAIN else f"10{str(power).translate(_RAISED)}"


def _tokens(view: LinePanels, dark: bool) -> dict[str, Any]:
    if not view.tokens:
        return {}
    return {
        "tickvals": list(range(len(view.tokens))),
        "ticktext": list(map(safe, view.tokens)),
        "tickfont": {"size": 13, "color": colour("ink", dark)},
        "tickangle": 0,
    }
