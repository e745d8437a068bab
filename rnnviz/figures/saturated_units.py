"""Each unit of each gate as a point: how often it is nearly 0, and how often nearly 1."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.saturation import Saturation
from rnnviz.figures.axes import axis_pair, domains, on_axes
from rnnviz.figures.notes import PAPER, note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.type_scale import with_type_scale
from rnnviz.findings.saturated_units import SaturatedUnits


@with_type_scale
def figure(view: SaturatedUnits, look: Look, *, height: int = 260) -> PlotlyJson:
    """A square a gate: shares of steps below 0.1 across, above 0.9 upright."""
    spans = domains([1] * len(view.gates), 0.06)
    axes: dict[str, Any] = {}
    for number, span in enumerate(spans, start=1):
        axes |= _axes(number, span, look)
    return {
        "data": [
            _points(i, gate, one, look) for i, (gate, one) in enumerate(view.gates.items(), 1)
        ],
        "layout": {
            "height": height,
            "margin": {"l": 52, "r": 10, "t": 30, "b": 48},
            "showlegend": False,
            "annotations": [
                _title(gate, span, look) for gate, span in zip(view.gates, spans, strict=True)
            ],
            **axes,
            **base_layout(look),
        },
    }


def _points(number: int, gate: str, one: Saturation, look: Look) -> dict[str, Any]:
    unit = look.word("axis.unit")
    return {
        "type": "scatter",
        "mode": "markers",
        "x": one.closed,
        "y": one.open,
        "text": [f"{unit} {i}" for i in range(len(one.open))],
        "marker": {"color": look.colour(gate), "size": 6, "opacity": 0.55},
        "hovertemplate": "%{text}: %{x:.0%} < 0.1, %{y:.0%} > 0.9<extra></extra>",
        **on_axes(number),
    }


def _axes(number: int, span: list[float], look: Look) -> dict[str, Any]:
    common = {"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1], "showline": True}
    # Titles of all three would run into each other on a phone.
    below = {"title": {"text": look.word("saturated_units.closed")}} if number == 2 else {}
    beside = {"title": {"text": look.word("saturated_units.open")}} if number == 1 else {}
    unlabelled = {} if number == 1 else {"showticklabels": False}
    return axis_pair(number, common | {"domain": span} | below, common | beside | unlabelled)


def _title(gate: str, span: list[float], look: Look) -> dict[str, Any]:
    place = PAPER | {"x": span[0], "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return note(f"<b>{look.word(f'signal.{gate}')}</b>", look.colour(gate), 13, place, yshift=4)
