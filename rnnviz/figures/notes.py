"""Annotations of a figure: titles over panels, text that Plotly shows as typed, random weights."""

from __future__ import annotations

from html import escape
from typing import Any

from rnnviz.analysis.panels import Panel
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
) -> dict[str, Any]:
    """Title over a panel: the signal's name, its symbol, and `gloss`.

    axes             of the panel, as its traces refer to them.
    gloss            by default what the signal does.
    is_under_tokens  whether the labels of the steps stand between panel and title.
    """
    signal = panel.signal
    ink, soft = look.colour(signal.name), look.colour("soft")
    explained = look.word(f"gloss.{signal.gloss_key}") if gloss is None else as_typed(gloss)
    text = (
        f'<b style="color:{ink}">{look.signal(signal)}</b> <i>{signal.symbol}</i>'
        f'  <span style="color:{soft};font-size:11px">{explained}</span>'
    )
    place = ABOVE | {"xref": f"{axes['xaxis']} domain", "yref": f"{axes['yaxis']} domain"}
    return note(text, ink, 13, place, yshift=34 if is_under_tokens else 2)


def step_label(time: int, token: str) -> str:
    """A step's number, from 1, over its token; once where the token is that number."""
    if token == str(time + 1):
        return token
    return f'<span style="font-size:9px">{time + 1}</span><br>{as_typed(token)}'


def as_typed(text: str) -> str:
    """Text with the few HTML tags that Plotly would read escaped."""
    return escape(text, quote=False)
