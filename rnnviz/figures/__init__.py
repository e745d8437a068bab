"""Views to Plotly figures: `heatmap`, `gates`, `lines`, and the arithmetic behind a number."""

from rnnviz.figures.contributions import waterfall
from rnnviz.figures.dense import matrices
from rnnviz.figures.panels import gates, heatmap, lines

__all__ = ["gates", "heatmap", "lines", "matrices", "waterfall"]
