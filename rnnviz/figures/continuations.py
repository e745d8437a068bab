"""Shares of the tokens that were written most, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnviz.engine.continuations import Continuations, TokenShare
from rnnviz.figures.notes import as_typed, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import token_label


@with_type_scale
def figure(
    view: Continuations,
    look: Look,
    *,
    height: int = 320,
    beside: Continuations | None = None,
    names: tuple[str, str] | None = None,
    n: int = 12,
) -> PlotlyJson:
    """A mark for each of the n most written tokens, its interval 95 %.

    beside  what the same network wrote otherwise, with a unit silenced for one; `names` of both.
    """
    shares = view.most_written(n)
    words = names or (look.word("continuations.a"), look.word("continuations.b"))
    others = [] if beside is None else [beside.share(one.token) for one in shares]
    runs = [
        (shares, "hidden", -0.12 * bool(others)),
        *([(others, "reset", 0.12)] if others else []),
    ]
    return {
        "data": [
            _marks(run, words[number], look.colour(ink), shift)
            for number, (run, ink, shift) in enumerate(runs)
        ],
        "layout": {
            "height": height,
            "margin": {"l": 56, "r": 12, "t": 40, "b": 50},
            "showlegend": bool(others),
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "xaxis": {
                "tickvals": list(range(len(shares))),
                "ticktext": [as_typed(token_label(one.token)) for one in shares],
                "tickangle": 0,
            },
            "yaxis": {
                "title": {"text": look.word("continuations.share")},
                "rangemode": "tozero",
                "tickformat": ".0%",
            },
            "annotations": untrained_note(view.is_trained, look, yshift=-26),
            **base_layout(look),
        },
    }


def _marks(shares: Sequence[TokenShare], name: str, ink: str, shift: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [place + shift for place in range(len(shares))],
        "y": [one.share for one in shares],
        "marker": {"color": ink, "size": 8},
        "error_y": {
            "array": [one.high - one.share for one in shares],
            "arrayminus": [one.share - one.low for one in shares],
            "symmetric": False,
            "thickness": 1.5,
            "color": ink,
        },
        "text": [f"{one.count}/{one.n}" for one in shares],
        "hovertemplate": "%{y:.1%} (%{text})<extra></extra>",
    }
