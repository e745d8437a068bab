"""Two runs subtracted: a heatmap a signal, diverging around no difference."""

from __future__ import annotations

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.figures import panels
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look

Names = tuple[str, str]


def figure(view: Panels, look: Look, names: Names | None = None, *, height: int = 0) -> PlotlyJson:
    """View of `rnnviz.analysis.difference.trace_difference`; columns without one are grey.

    names   of the runs, the first is subtracted from the second.
    height  of the whole figure in pixels; by default what its panels need.
    """
    one, other = names or (look.word("difference.one"), look.word("difference.other"))
    drawn = panels.figure(view, look, height=height, gloss=f"{other} − {one}")
    heatmaps = zip(drawn["data"], view.panels, strict=True)
    return {
        "data": [
            heatmap | {"hovertemplate": _hover(panel, look), "hoverongaps": False}
            for heatmap, panel in heatmaps
        ],
        "layout": drawn["layout"] | {"plot_bgcolor": look.colour("line")},
    }


def _hover(panel: Panel, look: Look) -> str:
    axis, step = look.word(f"axis.{panel.axis}"), look.word("axis.step")
    name = look.signal(panel.signal)
    return f"<b>Δ {name} %{{z:+.3g}}</b><br>{axis} %{{y}}<br>{step} %{{x}}<extra></extra>"
