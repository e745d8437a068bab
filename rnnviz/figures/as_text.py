"""A figure in words: every heatmap, and all lines, points or bars of a pair of axes, as a sentence
and a table.

Both are read off the figure itself, so that they say what is drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.figures.heatmap_text import heatmap_numbers, heatmap_text
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series_text import series_text
from rnnviz.figures.text_table import TextTable
from rnnviz.figures.theme import Look


def figure_as_text(figure: PlotlyJson, look: Look) -> tuple[TextTable, ...]:
    r"""The figure's lines, points and bars, then its heatmaps, from top to bottom.

    What holds no number at all is left out, and so are drawn arrows, which have none to say.

    >>> drawn = {"type": "heatmap", "z": [[0.5, -1.0]], "x": ["1", "2"], "y": ["0"]}
    >>> text = figure_as_text({"data": [drawn], "layout": {}}, Look())[0]
    >>> text.rows
    (('0', '0.500', '−1.00'),)
    >>> print(text.sentence.replace(". ", ".\n"))
    Heatmap 1: rows × columns 1 × 2.
    Smallest −1.00 (row 0, column 2), largest 0.500 (row 0, column 1).
    """
    return (*_series_texts(figure, look), *_heatmap_texts(figure, look))


def _heatmap_texts(figure: PlotlyJson, look: Look) -> list[TextTable]:
    heatmaps = (trace for trace in figure["data"] if trace["type"] == "heatmap")
    drawn = [heatmap for heatmap in heatmaps if np.isfinite(heatmap_numbers(heatmap)).any()]
    return [heatmap_text(n, one, figure["layout"], look) for n, one in enumerate(drawn, start=1)]


def _series_texts(figure: PlotlyJson, look: Look) -> list[TextTable]:
    plots: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for trace in figure["data"]:
        if trace["type"] in ("scatter", "bar") and trace.get("hoverinfo") != "skip":
            axes = (trace.get("xaxis", "x"), trace.get("yaxis", "y"))
            plots.setdefault(axes, []).append(trace)
    texts = (series_text(traces, figure["layout"], look) for traces in plots.values())
    return [text for text in texts if text]
