"""Annotations of a figure: titles over panels, text that Plotly shows as typed, random weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from unicodedata import east_asian_width

import numpy as np

from rnnviz.analysis.panels import Panel
from rnnviz.core.arrays import Array
from rnnviz.figures.theme import Look

PAPER = {"xref": "paper", "yref": "paper"}
ABOVE = PAPER | {"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}


def note(
    text: str, ink: str, size: int = 13, place: dict[str, Any] = ABOVE, **shift: Any
) -> dict[str, Any]:
    """Annotation without an arrow, by default at the upper left corner over the plot.

    place  Plotly's references, coordinates and anchors; `shift` and others are added to them.
    """
    font = {"size": size, "color": ink}
    return {"text": text, "showarrow": False, "font": font, **place, **shift}


def untrained_note(is_trained: bool, look: Look, **shift: int) -> list[dict[str, Any]]:
    """Note at the lower right corner that the weights are random; none for a trained model."""
    if is_trained:
        return []
    corner = PAPER | {"x": 1, "y": 0, "xanchor": "right", "yanchor": "top"}
    return [note(look.word("figure.untrained"), look.colour("soft"), 11, corner, **shift)]


def panel_title(
    panel: Panel,
    axes: dict[str, str],
    look: Look,
    *,
    gloss: str | None = None,
    is_under_tokens: bool,
    mark: str = "",
) -> dict[str, Any]:
    """Title over a panel: the signal's name, its symbol, and `gloss`.

    axes             of the panel, as its traces refer to them.
    gloss            by default what the signal does (in type of the usual size), how many of its
                     rows are shown, and what a mark of the right answer looks like.
    is_under_tokens  whether the labels of the steps stand between panel and title.
    mark             what right answers are marked with; by default a ring or dots.
    """
    signal = panel.signal
    ink, soft = look.colour(signal.name), look.colour("soft")
    explained = " · ".join(_explained(panel, look, mark)) if gloss is None else as_typed(gloss)
    text = (
        f'<b style="color:{ink}">{look.signal(signal)}</b> <i>{signal.symbol}</i>'
        f'  <span style="color:{soft};font-size:11px">{explained}</span>'
    )
    place = ABOVE | {"xref": f"{axes['xaxis']} domain", "yref": f"{axes['yaxis']} domain"}
    return note(text, ink, 13, place, yshift=34 if is_under_tokens else 2)


def _explained(panel: Panel, look: Look, mark: str) -> Iterator[str]:
    # First, since on a phone the rest ends at the edge.
    if panel.held is not None:
        yield f"▨ {look.word('hint.held')}"
    # Large type leaves no room for it beside the name.
    if look.scale == 1:
        yield look.word(f"gloss.{panel.signal.gloss_key}")
    if n_shown(panel) < panel.n_rows:
        yield look.word(f"rows.{panel.axis}", shown=n_shown(panel), count=panel.n_rows)
    if panel.targets is not None and not np.isnan(panel.targets).all():
        yield f"{mark or _target_mark(panel.targets)} {look.word('target')}"


def _target_mark(targets: Array) -> str:
    is_line = targets.ndim == 2 and np.isfinite(targets).sum(axis=1).max() > 2
    return "┈" if is_line else "○"


def n_shown(panel: Panel) -> int:
    """Rows of a panel that are shown, of grouped ones all."""
    is_grouped = any(set(unit) & set("–,") for unit in panel.units) and panel.axis == "unit"
    return panel.n_rows if is_grouped else len(panel.units)


def as_typed(text: str) -> str:
    """Text with the few HTML tags that Plotly would read escaped."""
    return escape(text, quote=False)


def label_width(label: str) -> int:
    """Width of a label in pixels, about: what stands in tags is not seen.

    >>> label_width("b<sub>x</sub>"), label_width("偏置")
    (14, 24)
    """
    seen = re.sub(r"<[^>]*>", "", label)
    return sum(12 if east_asian_width(letter) in "WF" else 7 for letter in seen)
