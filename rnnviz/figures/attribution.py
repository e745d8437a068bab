"""Triangle of a memory: the step that remembers by the step that wrote."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.attribution import Attribution
from rnnviz.analysis.written_output import WrittenOutput
from rnnviz.figures.notes import ABOVE, PAPER, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, diverging_heatmap, symmetric_colorbar
from rnnviz.figures.type_scale import with_type_scale

_BELOW = PAPER | {"x": 0, "y": 0, "xanchor": "left", "yanchor": "top", "yshift": -4}


@with_type_scale
def figure(view: Attribution | WrittenOutput, look: Look, *, height: int = 520) -> PlotlyJson:
    """Heatmap with a row for every step that remembers, a column for every step that wrote."""
    name, ink = _named(view, look)
    directions = f"→ {look.word('memory.wrote')}   ↓ {look.word('memory.remembers')}"
    return {
        "data": [_heatmap(view, name, look)],
        "layout": {
            "height": height,
            "margin": {"l": 40, "r": 46, "t": 56, "b": 28},
            "xaxis": _axis(view, look) | {"side": "top"},
            "yaxis": _axis(view, look) | {"autorange": "reversed"},
            "annotations": [
                note(f"<b>{name}</b>", ink, 13, ABOVE, yshift=30),
                note(directions, look.colour("soft"), 13, _BELOW),
                *untrained_note(view.is_trained, look, yshift=-3),
            ],
            **base_layout(look),
        },
    }


def _named(view: Attribution | WrittenOutput, look: Look) -> tuple[str, str]:
    """What is remembered, in words, and its colour."""
    if isinstance(view, Attribution):
        name = f"{look.signal(view.signal)} · {look.word('axis.unit')} {view.unit}"
        return name, look.colour(view.signal.name)
    key = "written_output.margin" if view.against else "written_output.score"
    residual = f"{view.residual:.1e}".replace("-", "−")
    names = {"output": as_typed(view.output), "against": as_typed(view.against)}
    return look.word(key, residual=residual, **names), look.colour("ink")


def _heatmap(view: Attribution | WrittenOutput, name: str, look: Look) -> dict[str, Any]:
    steps = [str(step + 1) for step in range(len(view.tokens))]
    step = look.word("axis.step")
    limit = float(np.abs(view.parts).max()) or 1.0
    return diverging_heatmap(
        np.where(view.parts != 0, view.parts, np.nan),
        limit,
        look.dark,
        x=steps,
        y=steps,
        name=view.signal.name if isinstance(view, Attribution) else view.output,
        colorbar=symmetric_colorbar(limit),
        hoverongaps=False,
        hovertemplate=f"{step} %{{y}} ← {step} %{{x}}<br>{name} %{{z:+.4f}}<extra></extra>",
    )


def _axis(view: Attribution | WrittenOutput, look: Look) -> dict[str, Any]:
    return {
        "type": "category",
        "labelalias": {str(n): as_typed(token) for n, token in enumerate(view.tokens, start=1)},
        "tickangle": 0,
        "tickfont": {"size": 11, "color": look.colour("ink")},
        "nticks": 48,
    }
