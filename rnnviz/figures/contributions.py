"""Bars of the largest contributions to a gate's preactivation, and their sum."""

from __future__ import annotations

import re
from typing import Any

from rnnviz.analysis.contribution_terms import Term
from rnnviz.analysis.contributions import Contributions
from rnnviz.figures.notes import PAPER, as_typed, label_width, note, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import format_column, format_number

# The ends of RdBu (ColorBrewer) as in the heatmaps, light enough to be read on both pages.
POSITIVE, NEGATIVE = "#d6604d", "#4393c3"
_TOP, _ROW, _BOTTOM = 30, 20, 26
_VALUES = 62


@with_type_scale
def figure(view: Contributions, look: Look, n: int = 6) -> PlotlyJson:
    """Bars of the n largest summands, of the rest as one and of their sum; the activation's line.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.contributions import contributions
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> trace = rv.trace(model, [[0.5]])
    >>> view = contributions(model, trace, layer=0, gate="update", time=0, unit=1)
    >>> bars = figure(view, Look())["data"][0]["x"]
    >>> bars == [*(term.value for term in view.largest(6)), view.preactivation]
    True
    """
    terms = view.largest(n)
    values = [*(term.value for term in terms), view.preactivation]
    labels = [*(_label(term, look) for term in terms), _bold(look.word("arithmetic.sum"))]
    left = max(92, 14 + max(map(label_width, labels)))
    return {
        "data": [_bars(terms, values, labels)],
        "layout": {
            "height": _TOP + _ROW * len(values) + _BOTTOM,
            "margin": {"l": left, "r": _VALUES, "t": _TOP, "b": _BOTTOM},
            "bargap": 0.4,
            "showlegend": False,
            "xaxis": _value_axis(values),
            "yaxis": _term_axis(labels, look),
            "shapes": _lines(len(terms), look),
            "annotations": [*_values(values, look), *_notes(view, left, look)],
            **base_layout(look),
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


def _label(term: Term, look: Look) -> str:
    if term.kind == "feature":
        return as_typed(term.name)
    symbol, name = subscripts(term.symbol), as_typed(term.name)
    return look.word(f"arithmetic.{term.kind}", symbol=symbol, name=name, count=name)


def _hover(term: Term, label: str) -> str:
    """The factors with the weight first: `h unit 3 = −0.71 × 0.49 = −0.35`."""
    number = format_number(term.value)
    made = " × ".join(map(format_number, term.factors))
    return f"{label} = {made} = {number}" if len(term.factors) > 1 else f"{label} = {number}"


def _value_axis(values: list[float]) -> dict[str, Any]:
    # Zero stays in the middle from step to step.
    reach = 1.04 * max(map(abs, values)) or 1
    return {"range": [-reach, reach], "showticklabels": False, "fixedrange": True}


def _term_axis(labels: list[str], look: Look) -> dict[str, Any]:
    return {
        "range": [len(labels) - 0.5, -0.5],
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "ticklabelstandoff": 6,
        "tickfont": {"size": 12, "color": look.colour("ink")},
        "fixedrange": True,
    }


def _lines(n_terms: int, look: Look) -> list[dict[str, Any]]:
    """Zero, and the line over the sum."""
    line = {"type": "line", "layer": "below", "line": {"color": look.colour("line"), "width": 1}}
    across = {"xref": "paper", "x0": 0, "x1": 1, "y0": n_terms - 0.5, "y1": n_terms - 0.5}
    return [
        line | {"yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1},
        line | across,
    ]


def _values(values: list[float], look: Look) -> list[dict[str, Any]]:
    place = PAPER | {"x": 1, "xanchor": "right", "xshift": _VALUES - 4, "yref": "y"}
    ink, last = look.colour("ink"), len(values) - 1
    return [
        note(_bold(text) if row == last else text, ink, 12, place, y=row)
        for row, text in enumerate(format_column(values))
    ]


def _notes(view: Contributions, left: int, look: Look) -> list[dict[str, Any]]:
    """The title above, the activation's line below, and whether the weights are random."""
    start = PAPER | {"x": 0, "xanchor": "left", "xshift": 4 - left}
    above, below = start | {"y": 1, "yanchor": "bottom"}, start | {"y": 0, "yanchor": "top"}
    return [
        note(_title(view, look), look.colour("ink"), 13, above),
        note(view.text, look.colour("ink"), 12, below),
        *untrained_note(view.is_trained, look, xshift=_VALUES - 4),
    ]


def _title(view: Contributions, look: Look) -> str:
    value = f"{look.signal(view.signal)} {format_number(view.value)}"
    number = f'<span style="color:{look.colour(view.signal.name)}">{value}</span>'
    where = look.word("arithmetic.place", unit=view.unit, step=view.time + 1)
    if view.is_clamped:
        where += f", {look.word('arithmetic.held')}"
    soft = f'<span style="color:{look.colour("soft")};font-size:12px">{where}</span>'
    return f"{_bold(look.word('arithmetic.title', number=number))}  {soft}"


def _bold(text: str) -> str:
    return f"<b>{text}</b>"
