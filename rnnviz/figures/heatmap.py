"""A panel as a heatmap: its rows over time, a colour bar beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.core.arrays import Array
from rnnviz.figures.axes import MOST_NAMED, row_ids
from rnnviz.figures.colour_raster import (
    LEVELS,
    quantise,
    quantised_ticks,
    scale_labels,
    scale_ticks,
)
from rnnviz.figures.notes import as_typed
from rnnviz.figures.theme import Look, colorbar, colorscale, scale_of
from rnnviz.figures.time_axis import step_ids

# Ranks of guesses, and the most steps whose letters fit into a cell each.
_RANKS, MOST_LETTERED = 3, 100


def step_heatmap(
    panel: Panel, view: Panels, domain: list[float], look: Look, *, is_quantised: bool = False
) -> dict[str, Any]:
    """Heatmap of a panel with a column a step; arguments as in `panel_heatmap`."""
    heatmap = panel_heatmap(panel, domain, look, is_quantised=is_quantised)
    if heatmap["z"].dtype == np.uint8:
        # The event comes, and the label is the player's.
        hover = {"hoverinfo": "none"}
    else:
        hover = {"hovertemplate": hover_text(panel, look, "%{z:.4f}", "%{y}")}
    # What a click picks, with the unit of the row.
    return heatmap | hover | {"meta": [{"signal": panel.signal.name}], "x": step_ids(view)}


def panel_heatmap(
    panel: Panel, domain: list[float], look: Look, *, is_quantised: bool = False
) -> dict[str, Any]:
    """Rows of a panel as a heatmap, its colour bar beside it.

    domain        the part of the figure's height that it takes.
    is_quantised  in bytes, where every value is finite.
    """
    levels = quantise(panel) if is_quantised else None
    if levels is None:
        at = scale_ticks(panel)
        cells = {"z": panel.values.astype(np.float32), "zmin": panel.low, "zmax": panel.high}
    else:
        at = quantised_ticks(panel)
        cells = {"z": levels, "zmin": 0, "zmax": LEVELS}
    bottom, top = domain
    bar = colorbar(
        at,
        ticktext=scale_labels(panel),
        tickfont={"size": 10, "color": look.colour("soft")},
        len=top - bottom,
        x=1.0,
        y=(top + bottom) / 2,
    )
    return {
        "type": "heatmap",
        "name": panel.signal.name,
        **cells,
        "y": row_ids(panel),
        "colorscale": colorscale(scale_of(panel, look.dark)),
        "colorbar": bar,
    }


def is_ranked(panel: Panel, view: Panels) -> bool:
    """True for probabilities of so many outputs that the likeliest of each step are shown."""
    return (
        panel.signal.kind == "probability"
        and len(panel.units) > MOST_NAMED
        and view.n_steps <= MOST_LETTERED
    )


def ranked(panel: Panel) -> Panel:
    """The largest numbers of every step, the largest on top; units are ranks from 1."""
    best = _likeliest(panel)
    values = np.take_along_axis(panel.values, best, axis=0)
    ranks = tuple(str(rank + 1) for rank in range(len(best)))
    return replace(panel, values=values, units=ranks, targets=None)


def _likeliest(panel: Panel) -> Array:
    """Outputs of the largest numbers of every step, (rank, time)."""
    return np.argsort(-panel.values, axis=0, kind="stable")[:_RANKS]


def ranked_targets(panel: Panel) -> Array:
    """Mask (rank, time), True where the right output is one of `ranked`."""
    targets = np.nan if panel.targets is None else panel.targets
    return np.asarray(_likeliest(panel) == targets)


def ranked_texts(panel: Panel) -> list[list[str]]:
    """Names of the outputs that stand in the cells of `ranked`."""
    return [[as_typed(panel.units[output]) for output in row] for row in _likeliest(panel)]


def ranked_heatmap(
    panel: Panel, view: Panels, domain: list[float], look: Look, *, is_quantised: bool = False
) -> dict[str, Any]:
    """Heatmap of the likeliest outputs of every step, each named in its cell."""
    top, names = ranked(panel), ranked_texts(panel)
    said = [
        [f"{name} {value:.4f}" for name, value in zip(*row, strict=True)]
        for row in zip(names, top.values, strict=True)
    ]
    step = look.word("axis.step")
    room = max(1, 72 // view.n_steps)
    return step_heatmap(top, view, domain, look, is_quantised=is_quantised) | {
        "text": [[name if len(name) <= room else name[:room] for name in row] for row in names],
        "texttemplate": "%{text}",
        "textfont": {"size": 11},
        "hovertext": said,
        "hoverinfo": "all",
        "hovertemplate": f"<b>%{{hovertext}}</b><br>{step} %{{x}}<extra></extra>",
    }


def hover_text(panel: Panel, look: Look, value: str, unit: str) -> str:
    """Plotly's template of a label: signal and value, row, step."""
    axis, step = look.word(f"axis.{panel.axis}"), look.word("axis.step")
    return (
        f"<b>{look.signal(panel.signal)} {value}</b><br>{axis} {unit}<br>{step} %{{x}}"
        "<extra></extra>"
    )
