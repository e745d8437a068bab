"""Line of the scores of a whole row, with the most telling window framed."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.analysis.telling_window import Profile
from rnnviz.core.arrays import Array
from rnnviz.figures.notes import note
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look, base_layout

_COLOURS = {"surprise": "probabilities", "change": "cell"}
# Columns of a long row, each the largest of its steps.
_COLUMNS = 700


def figure(view: Profile, look: Look, *, height: int = 170) -> PlotlyJson:
    """The scores over steps counted from 1; of a long row the largest of every column.

    >>> view = Profile("change", np.array([0.1, 0.5, 0.2]), 0, 0, 1, 3, 0)
    >>> figure(view, Look())["layout"]["shapes"][0]["x0"]
    1.5
    """
    ink, (steps, values) = look.colour(_COLOURS[view.score]), _columns(view.values)
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
    frame: dict[str, Any] = {"type": "rect", "x0": view.start + 0.5, "x1": view.stop + 0.5}
    return {
        "data": [
            {"type": "scatter", "mode": "lines", "x": steps, "y": values, "line": {"color": ink}}
        ],
        "layout": {
            "height": height,
            "margin": {"l": 44, "r": 26, "t": 26, "b": 34},
            "showlegend": False,
            "shapes": [{**frame, "y0": 0, "y1": top * 1.06, "line": {"color": look.colour("ink")}}],
            "annotations": [note(f"<b>{look.word(f'report.score.{view.score}')}</b>", ink)],
            "xaxis": {
                "range": [0.5, len(view.values) + 0.5],
                "title": {"text": look.word("axis.step")},
                **_ticks(len(view.values)),
            },
            "yaxis": {"range": [0, top * 1.08 or 1.0]},
            **base_layout(look),
        },
    }


def _ticks(n_steps: int) -> dict[str, Any]:
    """About five round steps, their thousands set apart."""
    raw = n_steps / 6
    unit = 10 ** int(np.log10(raw)) if raw >= 1 else 1
    size = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
    at = list(range(size, n_steps + 1, size))
    return {"tickvals": at, "ticktext": [f"{step:,}" for step in at]}


def _columns(values: Array) -> tuple[Array, Array]:
    """Steps and scores of at most _COLUMNS columns; a column without a score is NaN."""
    size = -(-len(values) // _COLUMNS)
    padded = np.append(values, np.full(-len(values) % size, np.nan)).reshape(-1, size)
    largest = np.where(np.isnan(padded), -np.inf, padded).max(axis=1)
    steps = np.arange(len(padded)) * size + (size + 1) / 2
    return steps, np.where(np.isinf(largest), np.nan, largest)
