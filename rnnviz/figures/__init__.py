"""Views to Plotly figures: `heatmap`, `gates` and `lines`."""

from rnnviz.figures.panels import gates, heatmap, lines

__all__ = ["gates", "heatmap", "lines"]
