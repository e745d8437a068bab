"""Lines of one unit in sequences that differ in one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.sensitivity import Sensitivity
from rnnviz.figures.notes import note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale


@with_type_scale
def figure(
    view: Sensitivity,
    look: Look,
    *,
    limits: tuple[float, float] | None = None,
    height: int = 300,
) -> PlotlyJson:
    """A thin line a row, named at its end, the highlighted one thick; dotted lines at the marks.

    limits  of the vertical axis, where several figures are to be compared.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.sensitivity import sensitivity
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5], [0.9]]])
    >>> view = sensitivity(trace, "hidden", 1, ("a", "b"))
    >>> [line["line"]["width"] for line in figure(view, Look())["data"]]
    [1.2, 3]
    """
    thin = [row for row in range(len(view.values)) if row != view.highlighted]
    title = f"<b>{look.signal(view.signal)} · {look.word('axis.unit')} {view.unit}</b>"
    values = {"nticks": 5, "showgrid": True, "gridcolor": look.colour("line")}
    return {
        "data": [_line(view, row, look) for row in (*thin, view.highlighted)],
        "layout": {
            "height": height,
            "margin": {"l": 48, "r": 40, "t": 34, "b": 44},
            "showlegend": False,
            "annotations": [
                *(_name(view, row, look) for row in thin),
                note(title, look.colour(view.signal.name)),
            ],
            "shapes": [_mark(step, look) for step in view.marks],
            "xaxis": {
                "title": {"text": look.word("axis.step")},
                "range": [0.5, view.n_steps + 0.5],
            },
            "yaxis": values | ({"range": list(limits)} if limits else {}),
            **base_layout(look),
        },
    }


def _line(view: Sensitivity, row: int, look: Look) -> dict[str, Any]:
    is_highlighted = row == view.highlighted
    return {
        "type": "scatter",
        "x": np.arange(1, view.n_steps + 1),
        "y": view.values[row].astype(np.float32),
        "name": view.names[row],
        "mode": "lines",
        "line": {
            "color": look.colour(view.signal.name if is_highlighted else "soft"),
            "width": 3 if is_highlighted else 1.2,
        },
        "hovertemplate": f"{view.names[row]}<br>%{{x}}: %{{y:.3f}}<extra></extra>",
    }


def _mark(step: int, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("accent"), "width": 1, "dash": "dot"}
    across = {"x0": step + 1, "x1": step + 1, "y0": 0, "y1": 1, "yref": "y domain"}
    return {"type": "line", "line": line, **across}


def _name(view: Sensitivity, row: int, look: Look) -> dict[str, Any]:
    """Name of a thin line at its end."""
    end = {"x": view.n_steps, "y": float(view.values[row, -1]), "xanchor": "left", "xshift": 6}
    return note(view.names[row], look.colour("soft"), 11, end)
