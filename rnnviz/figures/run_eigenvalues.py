"""Sizes of the eigenvalues at every step of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.run_eigenvalues import RunEigenvalues
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

_MOST_TOKENS = 40


@with_type_scale
def figure(view: RunEigenvalues, look: Look, *, height: int = 340) -> PlotlyJson:
    """A dot for each |λ|, those above 1 in another colour, and a line through the largest."""
    steps = np.arange(len(view.tokens)) + view.start + 1
    one = {"color": look.colour("soft"), "width": 1, "dash": "dot"}
    ends = {"x0": 0, "x1": 1, "y0": 1, "y1": 1}
    return {
        "data": [*_dots(view, steps, look), _largest(view, steps, look)],
        "layout": {
            "height": height,
            "margin": {"l": 54, "r": 14, "t": 44, "b": 48},
            "showlegend": False,
            "xaxis": _steps_axis(view, steps, look),
            "yaxis": {"title": {"text": "|λ|"}, "showline": True, "rangemode": "tozero"},
            "shapes": [{"type": "line", "xref": "paper", **ends, "line": one}],
            "annotations": [
                note(f"<b>{look.word('run_eigenvalues.title')}</b>", look.colour("ink"), 13, ABOVE)
                | {"yshift": 8},
                *untrained_note(view.is_trained, look, yshift=-26),
            ],
            **base_layout(look),
        },
    }


def _dots(view: RunEigenvalues, steps: Any, look: Look) -> list[dict[str, Any]]:
    sizes = np.abs(view.eigenvalues)
    across = np.broadcast_to(steps[:, None], sizes.shape)
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": across[chosen],
            "y": sizes[chosen],
            "marker": {"size": 4, "opacity": 0.5, "color": look.colour(colour)},
            "hovertemplate": "%{x}: |λ| %{y:.4g}<extra></extra>",
        }
        for chosen, colour in ((sizes <= 1, "forget"), (sizes > 1, "gap"))
    ]


def _largest(view: RunEigenvalues, steps: Any, look: Look) -> dict[str, Any]:
    line = {"color": look.colour("ink"), "width": 1}
    drawn = {"type": "scatter", "mode": "lines", "x": steps, "y": view.radius, "line": line}
    return drawn | {"hoverinfo": "skip"}


def _steps_axis(view: RunEigenvalues, steps: Any, look: Look) -> dict[str, Any]:
    title = {"title": {"text": look.word("axis.step"), "standoff": 6}}
    if len(steps) > _MOST_TOKENS:
        return title | {"nticks": 12}
    labels = {str(n): as_typed(token) for n, token in zip(steps, view.tokens, strict=True)}
    return title | {"labelalias": labels, "dtick": 1, "tickangle": 0}
