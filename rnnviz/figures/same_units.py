"""A span of a text and others at which the same units are on, each with what stands around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.same_units import SameSpan, SameUnits
from rnnviz.figures.notes import ABOVE, as_typed, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.text_lines import LINE, in_lines, n_lines
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.formatting import token_label

_LINE, _TOP, _BOTTOM = 24, 22, 12
_MAX_SHOWN = 40
_AT_LEFT = ABOVE | {"align": "left"}


@with_type_scale
def figure(view: SameUnits, look: Look, *, height: int = 0) -> PlotlyJson:
    """A line for each span, its tokens bold, the given one first; on the left its units on."""
    spans = (view.given, *view.spans)
    title, subtitle = in_lines(_title(view, look)), in_lines(_subtitle(view, look))
    under = LINE * n_lines(subtitle)
    top = _TOP + under + LINE * n_lines(title)
    return {
        "data": [_lines(view, spans, look)],
        "layout": {
            "height": height or top + _BOTTOM + _LINE * len(spans),
            "margin": {"l": 8, "r": 8, "t": top, "b": _BOTTOM},
            "xaxis": {"visible": False, "range": [0, 1]},
            "yaxis": {
                "tickvals": list(range(len(spans))),
                "ticktext": [f"{one.n_on}/{len(view.units)}" for one in spans],
                "range": [len(spans) - 0.5, -0.5],
                # Numbers and words are told apart by a gap.
                "ticklabelstandoff": 8,
            },
            "annotations": [
                note(f"<b>{title}</b>", look.colour("ink"), 13, _AT_LEFT, yshift=under + 9),
                note(subtitle, look.colour("soft"), 12, _AT_LEFT, yshift=6),
            ],
            **base_layout(look),
        },
    }


def _title(view: SameUnits, look: Look) -> str:
    units = ", ".join(
        f"{'−' * (sign < 0)}{unit}" for unit, sign in zip(view.units, view.signs, strict=True)
    )
    key = "same_units.title" if view.units else "same_units.none"
    return look.word(key, units=units, threshold=view.threshold)


def _subtitle(view: SameUnits, look: Look) -> str:
    return look.word("same_units.spans", count=len(view.spans))


def _lines(view: SameUnits, spans: tuple[SameSpan, ...], look: Look) -> dict[str, Any]:
    step = look.word("axis.step")
    return {
        "type": "scatter",
        "mode": "text",
        "textposition": "middle right",
        "x": np.zeros(len(spans)),
        "y": list(range(len(spans))),
        "text": [_text(view, one) for one in spans],
        "textfont": {"size": 13, "color": look.colour("ink")},
        "customdata": [[one.start + 1, one.stop] for one in spans],
        "hovertemplate": f"{step} %{{customdata[0]}}–%{{customdata[1]}}<extra></extra>",
    }


def _text(view: SameUnits, span: SameSpan) -> str:
    before, tokens, after = (
        view.glue.join(_sign(view, token) for token in part[:_MAX_SHOWN])
        for part in (span.before, span.tokens, span.after)
    )
    cut = "…" * (len(span.tokens) > _MAX_SHOWN)
    return f"{as_typed(before)}<b>{as_typed(tokens)}{cut}</b>{as_typed(after)}"


def _sign(view: SameUnits, token: str) -> str:
    return token if token == " " else token_label(token)
