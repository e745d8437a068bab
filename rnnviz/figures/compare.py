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
    time_axis,
    token_axis,
    unit_axis,
)
from rnnviz.figures.notes import ABOVE, PAPER, as_typed, note, panel_title, untrained_note
from rnnviz.figures.panels import step_heatmap
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout

_TOP, _GAP, _BOTTOM, _ROW, _BETWEEN = 84, 26, 22, 72, 0.07
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
    height = height or _TOP + _BOTTOM + n_rows * _ROW + (n_rows - 1) * _GAP
    places = _places(n_rows, len(runs), _GAP / (height - _TOP - _BOTTOM))
    columns = list(zip(runs, places, strict=True))
    is_trained = all(view.runs[run].is_trained for run in runs)
    return {
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
            **_axes(view, columns, look),
            **_ground(view, look),
        },
    }


def _places(n_rows: int, n_columns: int, gap: float) -> list[list[_Place]]:
    """Place of every row in every column; axes are numbered row by row."""
    x, y = domains([1] * n_columns, _BETWEEN), domains([1] * n_rows, gap)[::-1]
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


def _axes(view: Comparison, columns: list[tuple[int, list[_Place]]], look: Look) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for run, column in columns:
        for place in column:
            axes |= axis_pair(place.number, {"domain": place.x}, {"domain": place.y})
        for panel, place in zip(view.rows(run), column, strict=False):
            if isinstance(panel, Panel):
                tokens = token_axis(view.runs[run], look) if place.row == 0 else {}
                axes[f"xaxis{axis_suffix(place.number)}"] |= time_axis(view.runs[run]) | tokens
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
        return panel_title(panel, axes, look, gloss="", is_under_tokens=place.row == 0)
    signal = look.word(f"signal.{panel}")
    text = look.word("compare.none", run=as_typed(view.names[run]), signal=signal)
    # Axes without a heatmap are no place for Plotly: the note stands on the paper.
    middle = PAPER | {"x": sum(place.x) / 2, "y": sum(place.y) / 2}
    return note(text, look.colour("soft"), 12, middle)
