"""Heatmap of one step's Jacobian."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.jacobian_map import JacobianMap
from rnnviz.figures.notes import ABOVE, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, diverging_heatmap, symmetric_colorbar
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.i18n import step_words


@with_type_scale
def figure(view: JacobianMap, look: Look, *, height: int = 480) -> PlotlyJson:
    """A row for each number after the step, a column for each number before it."""
    place = step_words(view.time + 1, view.token, look.language)
    title = look.word("jacobian.title", place=place)
    limit = float(np.abs(view.values).max()) or 1.0
    before, after = look.word("jacobian.before"), look.word("jacobian.after")
    heatmap = diverging_heatmap(
        view.values,
        limit,
        look.dark,
        colorbar=symmetric_colorbar(limit),
        hovertemplate=f"{after} %{{y}} · {before} %{{x}}<br>%{{z:+.4f}}<extra></extra>",
    )
    return {
        "data": [heatmap],
        "layout": {
            "height": height,
            "margin": {"l": 60, "r": 46, "t": 40, "b": 56},
            "xaxis": _axis(view, look, before),
            "yaxis": _axis(view, look, after) | {"autorange": "reversed"},
            "shapes": _borders(view, look),
            "annotations": [
                note(title, look.colour("ink"), 13, ABOVE, yshift=8),
                *untrained_note(view.is_trained, look, yshift=-26),
            ],
            **base_layout(look),
        },
    }


def _axis(view: JacobianMap, look: Look, title: str) -> dict[str, Any]:
    places = view.places.items()
    return {
        "title": {"text": title},
        "tickvals": [(place.start + place.stop - 1) / 2 for _, place in places],
        "ticktext": [look.word(f"signal.{name}") for name, _ in places],
    }


def _borders(view: JacobianMap, look: Look) -> list[dict[str, Any]]:
    """Lines between the states."""
    line = {"color": look.colour("soft"), "width": 1}
    last = len(view.values) - 0.5
    borders = [place.start - 0.5 for place in view.places.values()][1:]
    across = [{"x0": -0.5, "x1": last, "y0": at, "y1": at} for at in borders]
    down = [{"x0": at, "x1": at, "y0": -0.5, "y1": last} for at in borders]
    return [{"type": "line", "line": line, **ends} for ends in (*across, *down)]
