"""Runs side by side: a column a run, a row a signal, one time axis and one scale a signal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.analysis.compare import Comparison
from rnnviz.analysis.compare import comparison as side_by_side
from rnnviz.analysis.panels import Panel, Panels
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import safe, time_axis, title, token_axis, unit_axis, untrained
from rnnviz.figures.panels import in_cells
from rnnviz.figures.theme import colour, layout
from rnnviz.i18n import word

_TOP, _GAP, _BOTTOM, _ROW, _BETWEEN = 84, 26, 22, 72, 0.07
# Over the titles of the first row: the run's name.
_NAME = 56


def compare(
    traces: Sequence[Trace],
    names: Sequence[str],
    signals: Iterable[str] | None = None,
    *,
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """Two or more runs side by side.

    `choices` are those of `rnnviz.analysis.compare.comparison`: layer, row, order, units, steps.

    >>> import rnnviz as rv
    >>> traces = [rv.trace(rv.random_model(cell, 1, 2), [[0.5]]) for cell in ("gru", "mgu")]
    >>> [heatmap.name for heatmap in compare(traces, ["GRU", "MGU"]).data]
    ['candidate', 'hidden', 'reset', 'update', 'candidate', 'hidden', 'forget']
    """
    return draw(side_by_side(traces, names, signals, **choices), language=language)


def draw(
    view: Comparison,
    only: Iterable[int] | None = None,
    *,
    language: str = "en",
    dark: bool = False,
    height: int = 0,
    is_light: bool = False,
) -> go.Figure:
    """A comparison as a figure; what a run does not have is said in its place, gaps are grey.

    only      these runs; drawn alone, each stands as it would stand beside the others.
    height    of the whole figure in pixels; by default what its rows need.
    is_light  for a page with a player: a byte a cell where a run has every step, and the player
              says what is under the pointer (`rnnviz.figures.panels.light`).
    """
    shown = tuple(range(len(view.runs)) if only is None else only)
    rows, columns = max(len(view.rows(run)) for run in shown), len(shown)
    height = height or _TOP + _BOTTOM + rows * _ROW + (rows - 1) * _GAP
    figure = make_subplots(
        rows,
        columns,
        vertical_spacing=_GAP / (height - _TOP - _BOTTOM),
        horizontal_spacing=_BETWEEN,
    )
    for column, run in enumerate(shown):
        figure.add_annotation(_name(view.names[run], column, dark))
        for row, panel in enumerate(view.rows(run)):
            number = row * columns + column + 1
            if isinstance(panel, str):
                _say_missing(figure, view, run, panel, number, language, dark)
            else:
                spot = (row, column, number)
                _draw_panel(figure, view.runs[run], panel, spot, language, dark, is_light=is_light)
    if not all(view.runs[run].is_trained for run in shown):
        figure.add_annotation(untrained(False, language, dark))
    figure.update_traces(hoverongaps=False)
    return figure.update_layout(height=height, margin=_margin(view), **_ground(view, dark))


def _draw_panel(
    figure: go.Figure,
    run: Panels,
    panel: Panel,
    spot: tuple[int, int, int],
    language: str,
    dark: bool,
    *,
    is_light: bool,
) -> None:
    row, column, number = spot
    end = "" if number == 1 else str(number)
    span = list(figure.layout[f"yaxis{end}"].domain)
    cells = in_cells(panel, run, span, language, dark, is_light=is_light)
    figure.add_trace(cells, row + 1, column + 1)
    figure.data[-1].colorbar.x = figure.layout[f"xaxis{end}"].domain[1]
    figure.add_annotation(title(panel, number, language, dark, gloss="", is_top=row == 0))
    tokens = token_axis(run, dark) if row == 0 else {}
    axes = {f"xaxis{end}": time_axis(run) | tokens, f"yaxis{end}": unit_axis(panel)}
    figure.update_layout(axes)


def _ground(view: Comparison, dark: bool) -> dict[str, Any]:
    """Grey where a run has no step; as ever where all have every one."""
    is_whole = all(all(run.tokens) for run in view.runs)
    return layout(dark) | ({} if is_whole else {"plot_bgcolor": colour("line", dark)})


def _margin(view: Comparison) -> dict[str, int]:
    longest = max(len(unit) for run in view.runs for panel in run.panels for unit in panel.units)
    return {"l": 14 + 8 * min(longest, 12), "r": 46, "t": _TOP, "b": _BOTTOM}


def _name(name: str, column: int, dark: bool) -> dict[str, Any]:
    axis = "" if column == 0 else str(column + 1)
    return {
        "text": f"<b>{safe(name)}</b>",
        "xref": f"x{axis} domain",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": _NAME,
        "showarrow": False,
        "font": {"size": 17, "color": colour("ink", dark)},
    }


def _say_missing(
    figure: go.Figure,
    view: Comparison,
    run: int,
    signal: str,
    number: int,
    language: str,
    dark: bool,
) -> None:
    """A word in the place of a signal; axes without a heatmap are no place for Plotly."""
    end = "" if number == 1 else str(number)
    across, down = figure.layout[f"xaxis{end}"].domain, figure.layout[f"yaxis{end}"].domain
    said = word(f"signal.{signal}", language)
    figure.add_annotation(
        text=word("compare.none", language, run=safe(view.names[run]), signal=said),
        xref="paper",
        yref="paper",
        x=sum(across) / 2,
        y=sum(down) / 2,
        showarrow=False,
        font={"size": 12, "color": colour("soft", dark)},
    )
