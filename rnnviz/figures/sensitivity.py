"""A fan of lines: one unit in sequences that differ in one number."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.analysis.sensitivity import Sensitivity
from rnnviz.figures.theme import colour, layout
from rnnviz.i18n import word


def draw(
    view: Sensitivity,
    *,
    limits: tuple[float, float] | None = None,
    language: str = "en",
    dark: bool = False,
    height: int = 300,
) -> go.Figure:
    """Every row a thin line named at its end, the chosen one thick; dotted lines at the marks.

    limits  of the vertical axis, where several fans are to be compared.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.sensitivity import sensitivity
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5], [0.9]]])
    >>> [line.line.width for line in draw(sensitivity(trace, "hidden", 1, ("a", "b"))).data]
    [1.2, 3]
    """
    order = [row for row in range(len(view.values)) if row != view.highlighted] + [view.highlighted]
    figure = go.Figure([_line(view, row, dark) for row in order])
    for mark in view.marks:
        figure.add_shape(**_mark(mark, dark))
    title = f"{word(f'signal.{view.signal.name}', language)} · {word('axis.unit', language)}"
    figure.update_layout(
        height=height,
        margin={"l": 48, "r": 40, "t": 34, "b": 44},
        showlegend=False,
        annotations=[*_names(view, dark), _title(f"<b>{title} {view.unit}</b>", view, dark)],
        xaxis={"title": {"text": word("axis.step", language)}, "range": [0.5, view.n_steps + 0.5]},
        yaxis={"range": limits, "nticks": 5, "showgrid": True, "gridcolor": colour("line", dark)},
    )
    return figure.update_layout(**layout(dark))


def _line(view: Sensitivity, row: int, dark: bool) -> Any:
    is_chosen = row == view.highlighted
    return go.Scatter(
        x=np.arange(1, view.n_steps + 1),
        y=view.values[row].astype(np.float32),
        name=view.names[row],
        mode="lines",
        line={
            "color": colour(view.signal.name if is_chosen else "soft", dark),
            "width": 3 if is_chosen else 1.2,
        },
        hovertemplate=f"{view.names[row]}<br>%{{x}}: %{{y:.3f}}<extra></extra>",
    )


def _mark(step: int, dark: bool) -> dict[str, Any]:
    line = {"color": colour("accent", dark), "width": 1, "dash": "dot"}
    across = {"x0": step + 1, "x1": step + 1, "y0": 0, "y1": 1, "yref": "y domain"}
    return {"type": "line", "line": line, **across}


def _names(view: Sensitivity, dark: bool) -> list[dict[str, Any]]:
    """The names of the thin lines, at their ends."""
    return [
        {
            "text": name,
            "x": view.n_steps,
            "y": float(view.values[row, -1]),
            "xanchor": "left",
            "xshift": 6,
            "showarrow": False,
            "font": {"size": 11, "color": colour("soft", dark)},
        }
        for row, name in enumerate(view.names)
        if row != view.highlighted
    ]


def _title(text: str, view: Sensitivity, dark: bool) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13, "color": colour(view.signal.name, dark)},
    }
