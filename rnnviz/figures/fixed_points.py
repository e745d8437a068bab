"""Fixed points in principal components, and their eigenvalues in the complex plane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.analysis.components import Components, components
from rnnviz.analysis.fixed_point import FixedPoint
from rnnviz.analysis.fixed_points import FixedPoints
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import format_number

_COLOURS = ("input", "forget", "candidate", "gap")


@with_type_scale
def figure(view: FixedPoints, look: Look, *, height: int = 640) -> PlotlyJson:
    """Two planes of principal components with points and visited states; below, the unit circle."""
    every = np.concatenate([view.visited, view.states])
    # Few points span no planes of their own.
    found = components(view.states if len(view) > 3 else every, 3)
    planes = [(0, i) for i in range(1, len(found.directions))] or [(0, 0)]
    spans = domains([1] * len(planes), 0.16)
    below, above = domains([1, 1], 0.2)
    axes: dict[str, Any] = {}
    data: list[dict[str, Any]] = []
    for number, plane in enumerate(planes, start=1):
        axes |= _plane_axes(number, (spans[number - 1], above), plane, found, look)
        data += _plane(view, number, plane, found, look)
    last = len(planes) + 1
    axes |= _circle_axes(last, below)
    data += _eigenvalues(view, last, look)
    return {
        "data": data,
        "layout": {
            "height": height,
            "margin": {"l": 48, "r": 14, "t": 44, "b": 84},
            "legend": {"orientation": "h", "x": 0, "y": -0.1, "yanchor": "top"},
            "shapes": [_circle(last, look)],
            "annotations": [
                _title(look.word("fixed_points.title", count=len(view)), above[1], look),
                _title(look.word("fixed_points.eigenvalues"), below[1], look),
                *untrained_note(view.is_trained, look, yshift=-60),
            ],
            **axes,
            **base_layout(look),
        },
    }


def kind_name(n_unstable: int, look: Look) -> str:
    """Name of points with a number of unstable directions.

    >>> kind_name(0, Look()), kind_name(2, Look())
    ('stable', 'unstable in 2 directions')
    """
    if n_unstable == 0:
        return look.word("fixed_points.stable")
    return look.word(f"fixed_points.unstable{'_one' * (n_unstable == 1)}", count=n_unstable)


def kind_colour(n_unstable: int, look: Look) -> str:
    """Colour of points with a number of unstable directions."""
    return look.colour(_COLOURS[min(n_unstable, len(_COLOURS) - 1)])


def _plane(
    view: FixedPoints, number: int, plane: tuple[int, int], found: Components, look: Look
) -> Iterator[dict[str, Any]]:
    visited = found.coordinates(view.visited)[:, list(plane)]
    faint = {"color": look.colour("soft"), "size": 3, "opacity": 0.3}
    name = look.word("fixed_points.visited")
    yield _markers(visited, number, name, faint) | {"hoverinfo": "skip"}
    for n_unstable in view.counts:
        chosen = [one for one in view if one.n_unstable == n_unstable]
        places = found.coordinates(np.array([one.states for one in chosen]))[:, list(plane)]
        hover = {"text": [_told(one, look) for one in chosen], "hovertemplate": "%{text}"}
        marker = {"color": kind_colour(n_unstable, look), "size": 9}
        name = f"{kind_name(n_unstable, look)} · {len(chosen)}"
        yield _markers(places, number, name, marker) | hover


def _eigenvalues(view: FixedPoints, number: int, look: Look) -> Iterator[dict[str, Any]]:
    for n_unstable in view.counts:
        of_kind = [one.eigenvalues for one in view if one.n_unstable == n_unstable]
        values = np.concatenate(of_kind)
        places = np.stack([values.real, values.imag], axis=1)
        marker = {"color": kind_colour(n_unstable, look), "size": 5, "opacity": 0.7}
        drawn = _markers(places, number, kind_name(n_unstable, look), marker)
        yield drawn | {"showlegend": False, "hovertemplate": "%{x:.3g} + %{y:.3g}i"}


def _markers(places: Array, number: int, name: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": places[:, 0],
        "y": places[:, 1],
        "name": name,
        "legendgroup": name,
        "showlegend": number == 1,
        "marker": marker,
        **on_axes(number),
    }


def _told(one: FixedPoint, look: Look) -> str:
    largest, time = abs(one.eigenvalues[0]), one.time_constants[0]
    return "<br>".join(
        (
            kind_name(one.n_unstable, look),
            f"|λ| {format_number(largest)} · τ {format_number(time)}",
            f"{look.word('fixed_points.speed')} {format_number(one.speed)}<extra></extra>",
        )
    )


def _plane_axes(
    number: int,
    domain: tuple[list[float], list[float]],
    plane: tuple[int, int],
    found: Components,
    look: Look,
) -> dict[str, Any]:
    across, up = (component_axis(component, found, look) for component in plane)
    return axis_pair(number, across | {"domain": domain[0]}, up | {"domain": domain[1]})


def component_axis(component: int, found: Components, look: Look) -> dict[str, Any]:
    """Axis of a principal component, counted from 0, with its share of the variance."""
    share = f"{found.explained[component]:.0%}"
    title = look.word("components.axis", number=component + 1, share=share)
    name = {"text": title, "standoff": 6, "font": {"size": 11}}
    return {"title": name, "nticks": 5, "showline": True}


def _circle_axes(number: int, domain: list[float]) -> dict[str, Any]:
    across = {"domain": [0, 1], "title": {"text": "Re λ", "standoff": 6}, "nticks": 5}
    up = {"domain": domain, "title": {"text": "Im λ", "standoff": 4}, "nticks": 5}
    square = {"scaleanchor": f"x{number}", "constrain": "domain"}
    beneath_title = {"constrain": "domain", "constraintoward": "left"}
    return axis_pair(number, across | beneath_title, up | square)


def _circle(number: int, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("soft"), "width": 1}
    ends = {"x0": -1, "x1": 1, "y0": -1, "y1": 1}
    return {"type": "circle", "line": line, **ends, **on_axes(number, "ref")}


def _title(text: str, top: float, look: Look) -> dict[str, Any]:
    place = PAPER | {"x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    return note(f"<b>{text}</b>", look.colour("ink"), 13, place, yshift=8)
