"""How a training goes: loss and measured quality over its steps."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.figures.theme import colour, layout
from rnnviz.i18n import word

Curve = Rows[tuple[int, float]]
MAX_POINTS = 400


def curves(
    losses: Curve,
    metrics: Curve,
    *,
    metric: str,
    chance: float,
    steps: int,
    language: str = "en",
    dark: bool = False,
) -> go.Figure:
    """Loss on the left, metric on the right, over all the steps that the training will take.

    losses   (step, loss of its batch), thinned to a mean of neighbours where there are many.
    metrics  (step, metric on held-out data).
    metric   "accuracy" or "error"; chance is what a guess reaches.

    >>> figure = curves([(1, 0.9)], [(0, 0.2)], metric="accuracy", chance=0.25, steps=10)
    >>> [trace.name for trace in figure.data]
    ['loss', 'accuracy']
    """
    titles = [word(f"curve.{name}", language) for name in ("loss", metric)]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.08)
    figure.add_trace(_line(thinned(losses), "loss", colour("forget", dark), "lines"), 1, 1)
    figure.add_trace(_line(metrics, metric, colour("output", dark), "lines+markers"), 1, 2)
    figure.add_hline(
        chance,
        row=1,
        col=2,
        line={"dash": "dot", "width": 1, "color": colour("soft", dark)},
        annotation_text=word("curve.chance", language),
        annotation_font={"size": 11, "color": colour("soft", dark)},
    )
    figure.update_xaxes(range=[0, steps])
    figure.update_yaxes(rangemode="tozero", showgrid=True, gridcolor=colour("line", dark))
    if metric == "accuracy":
        figure.update_yaxes(range=[0, 1.02], row=1, col=2)
    figure.update_layout(height=230, margin={"l": 44, "r": 16, "t": 34, "b": 28}, showlegend=False)
    return figure.update_layout(**layout(dark))


def thinned(curve: Curve, most: int = MAX_POINTS) -> list[tuple[float, float]]:
    """No more than `most` points, each the mean of as many neighbours.

    >>> thinned([(1, 2.0), (2, 4.0), (3, 6.0), (4, 8.0)], most=2)
    [(1.5, 3.0), (3.5, 7.0)]
    """
    size = -(-len(curve) // most)
    groups = [curve[i : i + size] for i in range(0, len(curve), size)] if size else []
    return [(_mean([x for x, _ in group]), _mean([y for _, y in group])) for group in groups]


def _mean(numbers: Rows[float]) -> float:
    return sum(numbers) / len(numbers)


def _line(curve: Rows[tuple[float, float]], name: str, shade: str, mode: str) -> Any:
    steps, values = zip(*curve, strict=True) if curve else ((), ())
    return go.Scatter(x=steps, y=values, name=name, mode=mode, line={"color": shade, "width": 1.8})
