"""Views to Plotly figures: signals, runs compared, and the arithmetic behind a number."""

from rnnviz.figures.attribution import memory
from rnnviz.figures.compare import compare
from rnnviz.figures.contributions import waterfall
from rnnviz.figures.difference import difference
from rnnviz.figures.gate_weights import matrices
from rnnviz.figures.panels import gates, heatmap, lines
from rnnviz.figures.window import window

__all__ = [
    "compare",
    "difference",
    "gates",
    "heatmap",
    "lines",
    "matrices",
    "memory",
    "waterfall",
    "window",
]
