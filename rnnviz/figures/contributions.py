"""How a gate's number was made: a bar for each of the largest summands, and their sum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from unicodedata import east_asian_width

import plotly.graph_objects as go

from rnnviz.analysis.contributions import Contributions, Term
from rnnviz.figures.theme import colour, layout
from rnnviz.formatting import format_column, format_number
from rnnviz.i18n import word

# The ends of RdBu (ColorBrewer) as in the heatmaps, light enough to be read on both pages.
POSITIVE, NEGATIVE = "#d6604d", "#4393c3"
_TOP, _ROW, _BOTTOM = 30, 20, 26
_VALUES = 62


def waterfall(
    view: Contributions, n: int = 6, *, language: str = "en", dark: bool = False
) -> go.Figure:
    """The n largest summands, the rest as one, their sum, and the activation's line.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.contributions import contributions
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> trace = rv.trace(model, [[0.5]])
    >>> view = contributions(model, trace, layer=0, gate="update", time=0, unit=1)
    >>> bars = [*(term.value for term in view.largest(6)), view.preactivation]
    >>> list(waterfall(view).data[0].x) == bars
    True
    """
    return go.Figure(spec(view, n, language=language, dark=dark))


def spec(
    view: Contributions, n: int = 6, *, language: str = "en", dark: bool = False
) -> dict[str, Any]:
    """The same as the dictionary that Plotly draws."""
    terms = view.largest(n)
    values = [*(term.value for term in terms), view.preactivation]
    labels = [*(_label(term, language) for term in terms), _bold(word("arithmetic.sum", language))]
    left = _margin(labels)
    return {
        "data": [_bars(terms, values, labels)],
        "layout": {
            "height": _TOP + _ROW * len(values) + _BOTTOM,
            "margin": {"l": left, "r": _VALUES, "t": _TOP, "b": _BOTTOM},
            "bargap": 0.4,
            "showlegend": False,
            "xaxis": _value_axis(values),
            "yaxis": _term_axis(labels, dark),
            "shapes": _lines(len(terms), dark),
            "annotations": [*_values(values, dark), *_notes(view, left, language, dark)],
            **layout(dark),
        },
    }


def subscripts(symbol: str) -> str:
    """A symbol as Plotly writes it.

    >>> subscripts("b_x")
    'b<sub>x</sub>'
    """
    return re.sub(r"_(\w)", r"<sub>\1</sub>", symbol)


def _bars(terms: tuple[Term, ...], values: list[float], labels: list[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(values))),
        "marker": {
            "color": [POSITIVE if value > 0 else NEGATIVE for value in values],
            "line": {"width": 0},
        },
        "hovertext": [*map(_hover, terms, labels), f"{labels[-1]} = {format_number(values[-1])}"],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _label(term: Term, language: str) -> str:
    if term.kind == "feature":
        return escape(term.name, quote=False)
    symbol, name = subscripts(term.symbol), escape(term.name, quote=False)
    return word(f"arithmetic.{term.kind}", language, symbol=symbol, name=name, count=name)


def _hover(term: Term, label: str) -> str:
    """The factors with the weight first: `h unit 3 = −0.71 × 0.49 = −0.35`."""
    number = format_number(term.value)
    made = " × ".join(map(format_number, term.factors))
    return f"{label} = {made} = {number}" if len(term.factors) > 1 else f"{label} = {number}"


def _margin(labels: list[str]) -> int:
    return max(92, 14 + max(map(pixels, labels)))


def pixels(label: str) -> int:
    """About how wide a label is: what stands in tags is not seen.

    >>> pixels("b<sub>x</sub>"), pixels("偏置")
    (14, 24)
    """
    seen = re.sub(r"<[^>]*>", "", label)
    return sum(12 if east_asian_width(letter) in "WF" else 7 for letter in seen)


def _value_axis(values: list[float]) -> dict[str, Any]:
    # Zero stays in the middle from step to step.
    reach = 1.04 * max(map(abs, values)) or 1
    return {"range": [-reach, reach], "showticklabels": False, "fixedrange": True}


def _term_axis(labels: list[str], dark: bool) -> dict[str, Any]:
    return {
        "range": [len(labels) - 0.5, -0.5],
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "ticklabelstandoff": 6,
        "tickfont": {"size": 12, "color": colour("ink", dark)},
        "fixedrange": True,
    }


def _lines(n_terms: int, dark: bool) -> list[dict[str, Any]]:
    """Zero, and the line over the sum."""
    line = {"type": "line", "layer": "below", "line": {"color": colour("line", dark), "width": 1}}
    across = {"xref": "paper", "x0": 0, "x1": 1, "y0": n_terms - 0.5, "y1": n_terms - 0.5}
    return [
        line | {"yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1},
        line | across,
    ]


def _values(values: list[float], dark: bool) -> list[dict[str, Any]]:
    shown = format_column(values)
    return [
        _note(_bold(text) if row == len(values) - 1 else text, colour("ink", dark))
        | {"x": 1, "xanchor": "right", "xshift": _VALUES - 4, "y": row, "yref": "y"}
        for row, text in enumerate(shown)
    ]


def _notes(view: Contributions, left: int, language: str, dark: bool) -> Iterator[dict[str, Any]]:
    """The title above, the activation's line below, and whether the weights are random."""
    start = {"x": 0, "xanchor": "left", "xshift": 4 - left}
    above, below = {"y": 1, "yanchor": "bottom"}, {"y": 0, "yanchor": "top"}
    yield _note(_title(view, language, dark), colour("ink", dark), 13) | start | above
    yield _note(view.text, colour("ink", dark)) | start | below
    if not view.is_trained:
        end = {"x": 1, "xanchor": "right", "xshift": _VALUES - 4}
        yield _note(word("figure.untrained", language), colour("soft", dark), 11) | end | below


def _title(view: Contributions, language: str, dark: bool) -> str:
    gate = view.signal.name
    said = f"{word(f'signal.{gate}', language)} {format_number(view.value)}"
    number = f'<span style="color:{colour(gate, dark)}">{said}</span>'
    where = word("arithmetic.place", language, unit=view.unit, step=view.time + 1)
    if view.is_clamped:
        where += f", {word('arithmetic.held', language)}"
    soft = f'<span style="color:{colour("soft", dark)};font-size:12px">{where}</span>'
    return f"{_bold(word('arithmetic.title', language, number=number))}  {soft}"


def _bold(text: str) -> str:
    return f"<b>{text}</b>"


def _note(text: str, ink: str, size: int = 12) -> dict[str, Any]:
    font = {"size": size, "color": ink}
    return {"text": text, "xref": "paper", "yref": "paper", "showarrow": False, "font": font}
