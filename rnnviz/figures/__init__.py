"""Plotly figures of signals, of runs compared, and of the arithmetic behind a number."""

from rnnviz.figures.notebook import (
    compare,
    difference,
    gates,
    heatmap,
    lines,
    matrices,
    memory,
    parting,
    waterfall,
    window,
)

__all__ = [
    "compare",
    "difference",
    "gates",
    "heatmap",
    "lines",
    "matrices",
    "memory",
    "parting",
    "waterfall",
    "window",
]
