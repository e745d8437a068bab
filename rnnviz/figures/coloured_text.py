"""A text as a ribbon of characters, coloured by one unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.coloured_text import ColouredText
from rnnviz.figures.axes import safe
from rnnviz.figures.theme import colour, ends, layout, stops
from rnnviz.i18n import word

_LINE, _TOP, _BOTTOM = 23, 30, 8


def draw(
    view: ColouredText, *, language: str = "en", dark: bool = False, gloss: str = ""
) -> dict[str, Any]:
    """Every token on the colour of the unit's number, as `go.Figure` takes it; zero is white.

    Marked tokens are bold.

    gloss  what stands beside the unit's number.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.coloured_text import coloured_text
    >>> text = rv.parse("a bc")
    >>> trace = rv.trace(rv.random_model("lstm", text.n_features, 2), text)
    >>> draw(coloured_text(trace, 0))["data"][0]["text"]
    [['a', '', 'b', 'c']]
    """
    return {
        "data": [_heatmap(view, language)],
        "layout": {
            "height": _TOP + _BOTTOM + _LINE * len(view.values),
            "margin": {"l": 4, "r": 44, "t": _TOP, "b": _BOTTOM},
            "xaxis": {"visible": False},
            "yaxis": {"visible": False, "autorange": "reversed"},
            "annotations": [_title(view, gloss, language, dark)],
            **layout(dark),
        },
    }


def _heatmap(view: ColouredText, language: str) -> dict[str, Any]:
    name = word(f"signal.{view.signal.name}", language)
    rows = zip(view.tokens, view.marked, strict=True)
    return {
        "type": "heatmap",
        "z": view.values.astype(np.float32),
        "text": [[_sign(*one) for one in zip(line, marked, strict=True)] for line, marked in rows],
        "texttemplate": "%{text}",
        "textfont": {"size": 13, "family": "ui-monospace, Menlo, Consolas, monospace"},
        "zmin": -view.limit,
        "zmax": view.limit,
        "colorscale": stops("RdBu_r"),
        "colorbar": ends(view.limit),
        "hoverongaps": False,
        "hovertemplate": f"%{{text}}<br>{name} %{{z:.3f}}<extra></extra>",
    }


def _sign(token: str, is_marked: bool) -> str:
    """A token as it is written; a space is seen by its colour alone."""
    shown = safe("" if token == "␣" else token)
    return f"<b>{shown}</b>" if is_marked and shown else shown


def _title(view: ColouredText, gloss: str, language: str, dark: bool) -> dict[str, Any]:
    signal = word(f"signal.{view.signal.name}", language)
    said = f"<b>{signal} · {word('axis.unit', language)} {view.unit}</b>"
    return {
        "text": f"{said}  {gloss}" if gloss else said,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13, "color": colour(view.signal.name, dark)},
    }
