"""Lyapunov exponents as means over ever more steps: where each line settles, it is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.lyapunov import LyapunovExponents
from rnnviz.figures.notes import ABOVE, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.text_lines import LINE, PHONE, in_lines, n_lines
from rnnviz.figures.theme import Look, base_layout, colorscale
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import format_number

_LEFT = 60


@with_type_scale
def figure(view: LyapunovExponents, look: Look, *, height: int = 340) -> PlotlyJson:
    """A line an exponent; above 0 small changes grow."""
    title = in_lines(_title(view, look), PHONE - _LEFT)
    zero = {"color": look.colour("soft"), "width": 1, "dash": "dot"}
    return {
        "data": [_line(view, number, look) for number in range(len(view.exponents))],
        "layout": {
            "height": height,
            "margin": {"l": _LEFT, "r": 14, "t": 27 + LINE * n_lines(title), "b": 48},
            "legend": {"font": {"size": 11}},
            "xaxis": {"title": {"text": look.word("lyapunov.steps")}, "range": _range(view)},
            "yaxis": {"title": {"text": look.word("lyapunov.unit")}, "showline": True},
            "shapes": [
                {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0}
                | {"line": zero}
            ],
            "annotations": [
                note(f"<b>{title}</b>", look.colour("ink"), 13, ABOVE, yshift=8, align="left"),
                *untrained_note(view.is_trained, look, yshift=-26),
            ],
            **base_layout(look),
        },
    }


def _title(view: LyapunovExponents, look: Look) -> str:
    largest = format_number(float(view.exponents[0]))
    error = format_number(float(view.errors[0]))
    return look.word("lyapunov.title", largest=largest, error=error)


def _range(view: LyapunovExponents) -> list[float]:
    """Half a step more at both ends: the frame round the last step ends where the legend begins."""
    return [view.skipped + 0.5, view.skipped + len(view.running) + 0.5]


def _line(view: LyapunovExponents, number: int, look: Look) -> dict[str, Any]:
    values = view.running[:, number]
    shades = colorscale("Viridis")
    share = number / max(1, len(view.exponents) - 1)
    # The lightest end of the scale is lost on a light page, the darkest on a dark one.
    place = 0.25 + 0.75 * (1 - share) if look.dark else 0.8 * share
    return {
        "type": "scatter",
        "mode": "lines",
        "x": view.skipped + np.arange(1, len(values) + 1),
        "y": np.where(np.isfinite(values), values, np.nan),
        "name": f"λ{number + 1} {format_number(float(view.exponents[number]))}",
        "line": {"width": 2, "color": shades[round(place * (len(shades) - 1))][1]},
        "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }
