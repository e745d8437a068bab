"""A text in lines of tokens, coloured by their numbers."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.coloured_text import ColouredText
from rnnviz.figures.notes import as_typed, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout, diverging_heatmap, symmetric_colorbar
from rnnviz.figures.type_scale import with_type_scale

_LINE, _TOP, _BOTTOM = 23, 30, 8


@with_type_scale
def figure(view: ColouredText, look: Look, *, gloss: str = "") -> PlotlyJson:
    """Every token on the colour of its number, zero is white; marked tokens are bold.

    A signal that is never negative has the upper half of the scale.

    gloss  what stands beside the signal's name.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.coloured_text import coloured_text
    >>> text = rv.parse("a bc")
    >>> trace = rv.trace(rv.random_model("lstm", text.n_features, 2), text)
    >>> figure(coloured_text(trace, 0), Look())["data"][0]["text"]
    [['a', '', 'b', 'c']]
    """
    of_unit = "" if view.unit is None else f" · {look.word('axis.unit')} {view.unit}"
    name = f"<b>{look.signal(view.signal)}{of_unit}</b>"
    title = f"{name}  {gloss}" if gloss else name
    return {
        "data": [_heatmap(view, look)],
        "layout": {
            "height": _TOP + _BOTTOM + _LINE * len(view.values),
            "margin": {"l": 4, "r": 44, "t": _TOP, "b": _BOTTOM},
            "xaxis": {"visible": False},
            "yaxis": {"visible": False, "autorange": "reversed"},
            "annotations": [note(title, look.colour(view.signal.name))],
            **base_layout(look),
        },
    }


def _heatmap(view: ColouredText, look: Look) -> dict[str, Any]:
    lines = zip(view.tokens, view.marked, strict=True)
    heatmap = diverging_heatmap(
        view.values,
        view.limit,
        look.dark,
        text=[list(map(_cell_text, tokens, marked)) for tokens, marked in lines],
        texttemplate="%{text}",
        textfont={"size": 13, "family": "ui-monospace, Menlo, Consolas, monospace"},
        colorbar=symmetric_colorbar(view.limit),
        hoverongaps=False,
        hovertemplate=f"%{{text}}<br>{look.signal(view.signal)} %{{z:.3f}}<extra></extra>",
    )
    return heatmap if view.signal.low < 0 else heatmap | _upper_half(heatmap)


def _upper_half(heatmap: dict[str, Any]) -> dict[str, Any]:
    """The scale from zero up, and its colour bar."""
    bar = {key: heatmap["colorbar"][key][1:] for key in ("tickvals", "ticktext")}
    return {
        "zmin": 0,
        "colorscale": [[2 * at - 1, shade] for at, shade in heatmap["colorscale"] if at >= 0.5],
        "colorbar": heatmap["colorbar"] | bar,
    }


def _cell_text(token: str, is_marked: bool) -> str:
    """A token as it is written; a space is seen by its colour alone."""
    shown = as_typed("" if token == "␣" else token)
    return f"<b>{shown}</b>" if is_marked and shown else shown
