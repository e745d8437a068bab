"""A readout at one step as bars: the sums above, their softmax below."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.analysis.readout import TopOutputs
from rnnviz.figures.axes import safe, untrained
from rnnviz.figures.theme import colour, layout
from rnnviz.i18n import word


def bars(
    view: TopOutputs, *, language: str = "en", dark: bool = False, height: int = 330
) -> go.Figure:
    """The view as two rows of bars over the same outputs; probabilities always from 0 to 1.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.readout import top_outputs
    >>> model = rv.random_model("rnn", n_inputs=3, n_units=2)
    >>> view = top_outputs(model, rv.trace(model, [[0.5, 0.1, 0.2]]), 0)
    >>> [row.name for row in bars(view).data]
    ['scores', 'probabilities']
    """
    figure = make_subplots(2, 1, vertical_spacing=0.24)
    rows = {"scores": view.scores, "probabilities": view.probabilities}
    places = list(map(str, range(len(view.names))))
    for number, (name, values) in enumerate(rows.items(), start=1):
        ink = colour("probabilities" if name == "probabilities" else "simple", dark)
        said = word(f"readout.{name}", language)
        figure.add_bar(
            x=places,
            y=values.astype(float),
            name=name,
            marker_color=ink,
            hovertemplate="<b>%{y:.4f}</b> %{x}<extra></extra>",
            row=number,
            col=1,
        )
        figure.add_annotation(
            text=f"<b>{said}</b>",
            font={"size": 13, "color": ink},
            showarrow=False,
            xref="paper",
            yref="y domain" if number == 1 else "y2 domain",
            x=0,
            y=1,
            yshift=4,
            xanchor="left",
            yanchor="bottom",
        )
    aliases = dict(zip(places, map(safe, view.names), strict=True))
    figure.update_xaxes(type="category", labelalias=aliases, tickfont={"size": 14}, tickangle=0)
    figure.update_yaxes(nticks=4)
    figure.update_yaxes(range=[0, 1], row=2, col=1)
    if not view.is_trained:
        figure.add_annotation(untrained(True, language, dark))
    figure.update_layout(height=height, margin={"l": 40, "r": 12, "t": 30, "b": 44}, **layout(dark))
    return figure.update_layout(showlegend=False)
