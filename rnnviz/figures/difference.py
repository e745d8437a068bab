"""Two runs subtracted: a heatmap a signal, diverging around no difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from rnnviz.analysis.difference import trace_difference as subtract
from rnnviz.analysis.panels import Panel, Panels
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import draw as draw_panels
from rnnviz.figures.theme import colour
from rnnviz.i18n import word

Names = tuple[str, str]


def difference(
    one: Trace,
    other: Trace,
    signals: Iterable[str] | None = None,
    *,
    names: Names | None = None,
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """The other run minus the one, a heatmap a signal.

    `choices` are those of `rnnviz.analysis.difference.trace_difference`: layer, row, order, units,
    steps.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> one, other = rv.trace(model, [[0.5]]), rv.trace(model, [[0.9]])
    >>> [heatmap.name for heatmap in difference(one, other, names=("0.5", "0.9")).data]
    ['reset', 'update', 'candidate', 'hidden']
    """
    return draw(subtract(one, other, signals, **choices), names, language=language)


def draw(
    view: Panels,
    names: Names | None = None,
    *,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
) -> go.Figure:
    """A view of `rnnviz.analysis.difference` as a figure; columns without a difference are grey.

    names    of the runs, the first is subtracted from the second.
    height   of the whole figure in pixels; by default what its panels need.
    """
    one, other = names or (word("difference.one", language), word("difference.other", language))
    said = f"{other} − {one}"
    figure = draw_panels(view, language=language, dark=dark, height=height, gloss=said)
    for heatmap, panel in zip(figure.data, view.panels, strict=True):
        heatmap.update(hovertemplate=_hover(panel, language), hoverongaps=False)
    return figure.update_layout(plot_bgcolor=colour("line", dark))


def _hover(panel: Panel, language: str) -> str:
    name = word(f"signal.{panel.signal.name}", language)
    line, step = word(f"axis.{panel.axis}", language), word("axis.step", language)
    return f"<b>Δ {name} %{{z:+.3g}}</b><br>{line} %{{y}}<br>{step} %{{x}}<extra></extra>"
