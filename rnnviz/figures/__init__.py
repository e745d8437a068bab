"""Views to Plotly figures: signals, runs compared, and the arithmetic behind a number."""

from rnnviz.figures.compare import compare
from rnnviz.figures.contributions import waterfall
from rnnviz.figures.dense import matrices
from rnnviz.figures.difference import difference
from rnnviz.figures.memory import memory
from rnnviz.figures.panels import gates, heatmap, lines

__all__ = [
    "compare",
    "difference",
    "gates",
    "heatmap",
    "lines",
    "matrices",
    "memory",
    "waterfall",
]
