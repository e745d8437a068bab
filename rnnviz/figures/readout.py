"""A readout at one step as bars: the scores above, their softmax below."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.readout import TopOutputs
from rnnviz.figures.axes import axis_pair, axis_suffix, domains, on_axes
from rnnviz.figures.notes import ABOVE, as_typed, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale

_INKS = {"scores": "simple", "probabilities": "probabilities"}
# Keeps neighbouring bars apart.
_HAIRLINE = {"color": "#e5ecf6", "width": 0.5}


@with_type_scale
def figure(view: TopOutputs, look: Look, *, height: int = 330) -> PlotlyJson:
    """Two rows of bars over the same outputs; probabilities always from 0 to 1.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.readout import top_outputs
    >>> model = rv.random_model("rnn", n_inputs=3, n_units=2)
    >>> view = top_outputs(model, rv.trace(model, [[0.5, 0.1, 0.2]]), 0)
    >>> [row["name"] for row in figure(view, Look())["data"]]
    ['scores', 'probabilities']
    """
    rows = list(enumerate(_INKS, start=1))
    return {
        "data": [_bars(view, name, number, look) for number, name in rows],
        "layout": {
            "height": height,
            "margin": {"l": 40, "r": 12, "t": 30, "b": 44},
            "showlegend": False,
            "annotations": [
                *(_name(view, name, number, look) for number, name in rows),
                *untrained_note(view.is_trained, look, yshift=-26),
            ],
            **_axes(view),
            **base_layout(look),
        },
    }


def _bars(view: TopOutputs, name: str, number: int, look: Look) -> dict[str, Any]:
    values = view.scores if name == "scores" else view.probabilities
    return {
        "type": "bar",
        "x": _output_ids(view),
        "y": values.astype(float),
        "name": name,
        "marker": {"color": look.colour(_INKS[name]), "line": _HAIRLINE},
        "hovertemplate": "<b>%{y:.4f}</b> %{x}<extra></extra>",
        **on_axes(number),
    }


def _name(view: TopOutputs, name: str, number: int, look: Look) -> dict[str, Any]:
    place = ABOVE | {"yref": f"y{axis_suffix(number)} domain"}
    said = "scores_summed" if view.is_summed and name == "scores" else name
    text = f"<b>{look.word(f'readout.{said}')}</b>"
    return note(text, look.colour(_INKS[name]), 13, place, yshift=4)


def _axes(view: TopOutputs) -> dict[str, Any]:
    outputs: dict[str, Any] = {
        "type": "category",
        "labelalias": dict(zip(_output_ids(view), map(as_typed, view.names), strict=True)),
        "tickfont": {"size": 14},
        "tickangle": 0,
        "domain": [0, 1],
    }
    below, above = domains([1, 1], 0.24)
    probabilities = {"domain": below, "nticks": 4, "range": [0, 1]}
    scores = axis_pair(1, outputs, {"domain": above, "nticks": 4})
    return scores | axis_pair(2, outputs, probabilities)


def _output_ids(view: TopOutputs) -> list[str]:
    """Category of every output: labels may be alike, categories may not."""
    return list(map(str, range(len(view.names))))
