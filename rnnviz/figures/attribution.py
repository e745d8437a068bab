"""Who wrote this memory: a triangle, the step that remembers by the step that wrote."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnviz.analysis.attribution import Attribution
from rnnviz.analysis.attribution import attribution as split
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import safe, untrained
from rnnviz.figures.theme import colour, ends, layout
from rnnviz.i18n import word


def memory(
    trace: Trace, unit: int, *, layer: int = 0, row: int = 0, language: str = "en"
) -> go.Figure:
    """What one unit remembers at every step, split by the step that wrote it.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5], [0.1]])
    >>> memory(trace, unit=1).data[0].z.shape
    (2, 2)
    """
    return draw(split(trace, unit, layer=layer, row=row), language=language)


def draw(
    view: Attribution, *, language: str = "en", dark: bool = False, height: int = 520
) -> go.Figure:
    """A line for every step that remembers, a column for every step that wrote."""
    figure = go.Figure(_heatmap(view))
    step = word("axis.step", language)
    wrote, remembers = word("memory.wrote", language), word("memory.remembers", language)
    figure.update_layout(
        height=height,
        margin={"l": 40, "r": 46, "t": 56, "b": 28},
        xaxis=_axis(view, dark) | {"side": "top"},
        yaxis=_axis(view, dark) | {"autorange": "reversed"},
        annotations=[
            _said(f"<b>{_name(view, language)}</b>", view.signal.name, dark)
            | {"x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "yshift": 30},
            _said(f"→ {wrote}   ↓ {remembers}", "soft", dark)
            | {"x": 0, "xanchor": "left", "y": 0, "yanchor": "top", "yshift": -4},
            *([] if view.is_trained else [untrained(False, language, dark)]),
        ],
    )
    figure.data[
        0
    ].hovertemplate = (
        f"{step} %{{y}} ← {step} %{{x}}<br>{_name(view, language)} %{{z:+.4f}}<extra></extra>"
    )
    return figure.update_layout(**layout(dark))


def _name(view: Attribution, language: str) -> str:
    unit = word("axis.unit", language)
    return f"{word(f'signal.{view.signal.name}', language)} · {unit} {view.unit}"


def _heatmap(view: Attribution) -> Any:
    steps = [str(step + 1) for step in range(len(view.tokens))]
    is_there = view.parts != 0
    limit = float(np.abs(view.parts).max()) or 1.0
    return go.Heatmap(
        z=np.where(is_there, view.parts, np.nan).astype(np.float32),
        x=steps,
        y=steps,
        name=view.signal.name,
        zmin=-limit,
        zmax=limit,
        colorscale="RdBu_r",
        colorbar=ends(limit),
        hoverongaps=False,
    )


def _axis(view: Attribution, dark: bool) -> dict[str, Any]:
    labels = {str(step + 1): safe(token) for step, token in enumerate(view.tokens)}
    return {
        "type": "category",
        "labelalias": labels,
        "tickangle": 0,
        "tickfont": {"size": 11, "color": colour("ink", dark)},
        "nticks": 48,
    }


def _said(text: str, shade: str, dark: bool) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 13, "color": colour(shade, dark)},
    }
