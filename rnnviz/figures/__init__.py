"""Views to Plotly figures: signals, runs compared, and the arithmetic behind a number."""

from rnnviz.figures.contributions import waterfall
from rnnviz.figures.dense import matrices
from rnnviz.figures.difference import difference
from rnnviz.figures.panels import gates, heatmap, lines

__all__ = ["difference", "gates", "heatmap", "lines", "matrices", "waterfall"]
