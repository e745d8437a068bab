"""Runs side by side: a column a run, a row a signal, one time axis and one scale a signal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rnnviz.analysis.compare import Comparison
from rnnviz.analysis.panels import Panel, Panels
from rnnviz.figures.axes import (
    axis_pair,
    axis_suffix,
    domains,
    margin,
    on_axes,
    panel_height,
    unit_axis,
)
from rnnviz.figures.heatmap import step_heatmap
from rnnviz.figures.notes import ABOVE, PAPER, as_typed, note, panel_title, untrained_note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout
from rnnviz.figures.time_axis import time_axis, token_axis
from rnnviz.figures.type_scale import at_scale

_TOP, _GAP, _BOTTOM, _BETWEEN = 84, 26, 22, 0.07
# Over the titles of the first row: the run's name.
_NAME = 56


@dataclass(frozen=True)
class _Place:
    """Row of a signal of a run, the number of its axes, and their domains."""

    row: int
    number: int
    x: list[float]
    y: list[float]


def figure(
    view: Comparison,
    look: Look,
    only: Iterable[int] | None = None,
    *,
    height: int = 0,
    is_quantised: bool = False,
) -> PlotlyJson:
    """Heatmaps of the runs; what a run does not have is said in its place, gaps are grey.

    only          these runs; drawn alone, each stands as it would stand beside the others.
    height        of the whole figure in pixels; by default what its rows need.
    is_quantised  as in `rnnviz.figures.panels.figure`, where a run has every step.
    """
    runs = tuple(range(len(view.runs)) if only is None else only)
    n_rows = max(len(view.rows(run)) for run in runs)
    heights = [_row_height(view, row) for row in range(n_rows)]
    around, between = round((_TOP + _BOTTOM) * look.scale), round(_GAP * look.scale)
    height = height or around + sum(heights) + (n_rows - 1) * between
    places = _places(heights, len(runs), between / (height - around))
    columns = list(zip(runs, places, strict=True))
    is_trained = all(view.runs[run].is_trained for run in runs)
    drawn = {
        "data": [
            _heatmap(panel, view.runs[run], place, look, is_quantised)
            for run, column in columns
            for panel, place in zip(view.rows(run), column, strict=False)
            if isinstance(panel, Panel)
        ],
        "layout": {
            "height": height,
            "margin": margin((p for run in view.runs for p in run.panels), _TOP, _BOTTOM),
            "annotations": [
                *(title for run, column in columns for title in _titles(view, run, column, look)),
                *untrained_note(is_trained, look, yshift=-3),
            ],
            **_axes(view, columns, look, is_quantised),
            **_ground(view, look),
        },
    }
    return at_scale(drawn, look.scale)


def _row_height(view: Comparison, row: int) -> int:
    """Pixels of a row of panels, the same whichever of the runs are drawn."""
    rows = [(run, view.rows(number)) for number, run in enumerate(view.runs)]
    panels = [(run, panels[row]) for run, panels in rows if row < len(panels)]
    return max(panel_height(p, run.cell) if isinstance(p, Panel) else 0 for run, p in panels)


def _places(heights: list[int], n_columns: int, gap: float) -> list[list[_Place]]:
    """Place of every row in every column; axes are numbered row by row."""
    x, y = domains([1] * n_columns, _BETWEEN), domains(heights[::-1], gap)[::-1]
    n_rows = len(heights)
    return [
        [_Place(row, row * n_columns + column + 1, x[column], y[row]) for row in range(n_rows)]
        for column in range(n_columns)
    ]


def _heatmap(
    panel: Panel, run: Panels, place: _Place, look: Look, is_quantised: bool
) -> dict[str, Any]:
    heatmap = step_heatmap(panel, run, place.y, look, is_quantised=is_quantised)
    return (
        heatmap
        | on_axes(place.number)
        | {
            "colorbar": heatmap["colorbar"] | {"x": place.x[1]},
            "hoverongaps": False,
        }
    )


def _axes(
    view: Comparison, columns: list[tuple[int, list[_Place]]], look: Look, has_all: bool
) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for run, column in columns:
        for place in column:
            axes |= axis_pair(place.number, {"domain": place.x}, {"domain": place.y})
        for panel, place in zip(view.rows(run), column, strict=False):
            if isinstance(panel, Panel):
                own = view.runs[run]
                tokens = token_axis(own, look, has_all=has_all) if place.row == 0 else {}
                axes[f"xaxis{axis_suffix(place.number)}"] |= time_axis(own) | tokens
                axes[f"yaxis{axis_suffix(place.number)}"] |= unit_axis(panel)
    return axes


def _ground(view: Comparison, look: Look) -> dict[str, Any]:
    """Grey where a run has no step; clear where all have every one."""
    is_whole = all(all(run.tokens) for run in view.runs)
    return base_layout(look) | ({} if is_whole else {"plot_bgcolor": look.colour("line")})


def _titles(view: Comparison, run: int, column: list[_Place], look: Look) -> list[dict[str, Any]]:
    """The run's name, then a title for every row."""
    place = ABOVE | {"xref": f"x{axis_suffix(column[0].number)} domain", "yshift": _NAME}
    name = note(f"<b>{as_typed(view.names[run])}</b>", look.colour("ink"), 17, place)
    rows = zip(view.rows(run), column, strict=False)
    return [name, *(_title(view, run, *row, look) for row in rows)]


def _title(
    view: Comparison, run: int, panel: Panel | str, place: _Place, look: Look
) -> dict[str, Any]:
    """Title of a panel, or in its place a note that the run has no such signal."""
    if isinstance(panel, Panel):
        axes = on_axes(place.number)
        return panel_title(panel, axes, look, is_under_tokens=place.row == 0)
    signal = look.word(f"signal.{panel}")
    text = look.word("compare.none", run=as_typed(view.names[run]), signal=signal)
    # Axes without a heatmap are no place for Plotly: the note stands on the paper.
    middle = PAPER | {"x": sum(place.x) / 2, "y": sum(place.y) / 2}
    return note(text, look.colour("soft"), 12, middle)
