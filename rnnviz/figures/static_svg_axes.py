"""What surrounds the traces of a still picture: axes, words, lines, the legend."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.figures.still_paper import Paper, Span, where
from rnnviz.figures.still_words import lines_at, number, plain, text_at
from rnnviz.figures.theme import colour


def axes(paper: Paper, trace: Any) -> str:
    """Labels and titles of a trace's two axes."""
    return _axis(paper, trace, "x") + _axis(paper, trace, "y")


def _axis(paper: Paper, trace: Any, letter: str) -> str:
    """Labels of an axis, as many as fit, and its title."""
    name = trace[f"{letter}axis"]
    axis = paper.axis(name, letter)
    x, y = paper.x(trace.xaxis), paper.y(trace.yaxis)
    span = x if letter == "x" else y
    labels = _labels(axis, trace, letter, span) if axis.showticklabels is not False else []
    above = axis.side == "top"
    made = ""
    for value, label in labels:
        at = float(span.at(value))
        if letter == "y":
            made += text_at(x.start - 4, at + 4, label, "end")
        else:
            edge = min(y.start, y.end) - 6 if above else max(y.start, y.end) + 14
            made += lines_at(at, edge, label, up=above)
    title = axis.title.text
    if title and letter == "x":
        made += text_at((x.start + x.end) / 2, max(y.start, y.end) + 28, plain(title), "middle")
    elif title:
        made += text_at(x.start, min(y.start, y.end) - 5, plain(title))
    return made


def _labels(axis: Any, trace: Any, letter: str, span: Span) -> list[tuple[float, str]]:
    names = axis.labelalias or {}
    if axis.tickvals is not None and any(isinstance(value, str) for value in axis.tickvals):
        return [(float(value), str(names.get(value, value))) for value in axis.tickvals]
    if axis.tickvals is not None:
        words = axis.ticktext if axis.ticktext is not None else map(number, axis.tickvals)
        return [(float(v), str(w)) for v, w in zip(axis.tickvals, words, strict=True)]
    values = trace[letter]
    if values is None or not any(isinstance(value, str) for value in values):
        return [(value, number(value)) for value in _round_numbers(span)]
    labels = [str(names.get(value, value)) for value in values]
    widest = max(max(map(len, plain(label).split("\n"))) for label in labels)
    room = 6 * widest + 6 if letter == "x" else 13
    fitting = max(1, int(abs(span.end - span.start) / room))
    every = -(-len(labels) // fitting)
    return [(float(i), label) for i, label in enumerate(labels) if i % every == 0]


def _round_numbers(span: Span) -> list[float]:
    """About five round numbers along an axis."""
    low, high = sorted((span.low, span.high))
    raw = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
    first = np.ceil(low / step)
    return [float(k * step) for k in np.arange(first, np.floor(high / step) + 1)]


def annotation(paper: Paper, one: Any) -> str:
    """A word on the paper."""
    if not one.text or one.showarrow:
        return ""
    left = where(paper, one.xref, one.x, "x") + (one.xshift or 0)
    top = where(paper, one.yref, one.y, "y") - (one.yshift or 0)
    top += {"bottom": -4, "top": 11}.get(one.yanchor, 4)
    anchor = {"left": "start", "right": "end"}.get(one.xanchor or "", "middle")
    size = one.font.size or 12
    return text_at(left, top, one.text, anchor, size, one.font.color)


def shape(paper: Paper, one: Any) -> str:
    """A line or an outline on the paper."""
    x = [where(paper, one.xref, v, "x") for v in (one.x0, one.x1)]
    y = [where(paper, one.yref, v, "y") for v in (one.y0, one.y1)]
    if one.type == "rect":
        return (
            f'<rect x="{min(x):.1f}" y="{min(y):.1f}" width="{abs(x[1] - x[0]):.1f}"'
            f' height="{abs(y[1] - y[0]):.1f}" fill="none"'
            f' stroke="{one.line.color or colour("soft")}" stroke-width="2"/>'
        )
    if one.type != "line":
        return ""
    dash = ' stroke-dasharray="3 3"' if one.line.dash else ""
    return (
        f'<line x1="{x[0]:.1f}" x2="{x[1]:.1f}" y1="{y[0]:.1f}" y2="{y[1]:.1f}"'
        f' stroke="{one.line.color or colour("soft")}"{dash}/>'
    )


def legend(paper: Paper) -> str:
    """Names of lines and bars under the figure, in their colours."""
    if paper.figure.layout.showlegend is False:
        return ""
    named = [
        trace
        for trace in paper.figure.data
        if trace.type != "heatmap" and trace.name and trace.showlegend is not False
    ]
    if len(named) < 2:
        return ""
    made, left = "", float(paper.left)
    for trace in named:
        shade = trace.line.color if trace.type == "scatter" else trace.marker.color
        made += text_at(left, paper.height - 4, f"■ {trace.name}", shade=shade)
        left += 8 * len(trace.name) + 24
    return made
