"""Heatmaps of a figure as a sentence and a table each, for readers who cannot see colours.

Both are read off the figure itself, so that they say what is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import has_word


@dataclass(frozen=True)
class HeatmapText:
    """A heatmap in words: its name, a sentence, and a table with a heading for every row."""

    name: str
    sentence: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def heatmaps_as_text(figure: PlotlyJson, look: Look) -> tuple[HeatmapText, ...]:
    r"""The figure's heatmaps from top to bottom, without rows and columns that hold no number.

    A heatmap that holds none at all is left out.

    >>> drawn = {"type": "heatmap", "z": [[0.5, -1.0]], "x": ["1", "2"], "y": ["0"]}
    >>> text = heatmaps_as_text({"data": [drawn], "layout": {}}, Look())[0]
    >>> text.rows
    (('0', '0.500', '−1.00'),)
    >>> print(text.sentence.replace(". ", ".\n"))
    Heatmap 1: rows × columns 1 × 2.
    Smallest −1.00 (row 0, column 2), largest 0.500 (row 0, column 1).
    """
    heatmaps = (trace for trace in figure["data"] if trace["type"] == "heatmap")
    drawn = [heatmap for heatmap in heatmaps if np.isfinite(_numbers(heatmap)).any()]
    return tuple(_text(n, one, figure["layout"], look) for n, one in enumerate(drawn, start=1))


def _text(number: int, trace: dict[str, Any], layout: dict[str, Any], look: Look) -> HeatmapText:
    values = _numbers(trace)
    filled = np.isfinite(values)
    rows, columns = np.flatnonzero(filled.any(1)), np.flatnonzero(filled.any(0))
    row_labels = _labels(trace, layout, "y", values.shape[0])
    column_labels = _labels(trace, layout, "x", values.shape[1])
    down, across = [row_labels[i] for i in rows], [column_labels[i] for i in columns]
    shown = values[np.ix_(rows, columns)]
    name = _name(number, trace, look)
    sentence = look.word(
        "text.heatmap",
        name=name,
        rows=len(down),
        columns=len(across),
        low=format_number(float(np.nanmin(shown))),
        high=format_number(float(np.nanmax(shown))),
        low_place=_place(np.nanargmin(shown), shown, down, across, look),
        high_place=_place(np.nanargmax(shown), shown, down, across, look),
    )
    said = trace.get("text")
    table = tuple(
        (label, *_cells(shown[i], None if said is None else said[rows[i]], columns))
        for i, label in enumerate(down)
    )
    return HeatmapText(name, sentence, tuple(across), table)


def _numbers(trace: dict[str, Any]) -> Array:
    """The numbers (row, column) of a heatmap; NaN where it has none."""
    values = np.asarray(trace["z"], dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _name(number: int, trace: dict[str, Any], look: Look) -> str:
    key = f"signal.{trace.get('name')}"
    known = has_word(key, look.language)
    return look.word(key) if known else look.word("text.name", number=number)


def _place(flat: Any, shown: Array, down: list[str], across: list[str], look: Look) -> str:
    row, column = np.unravel_index(int(flat), shown.shape)
    return look.word("text.place", row=down[int(row)], column=across[int(column)])


def _cells(values: Array, said: Any, columns: Array) -> Iterator[str]:
    for value, column in zip(values, columns, strict=True):
        token = f"{_plain(str(said[column]))} " if said is not None else ""
        yield f"{token}{format_number(float(value))}" if np.isfinite(value) else ""


def _labels(trace: dict[str, Any], layout: dict[str, Any], letter: str, count: int) -> list[str]:
    """Labels of rows or columns as the axis writes them; without any, counted from 1."""
    values = trace.get(letter)
    if values is None:
        return [str(number + 1) for number in range(count)]
    named = list(map(str, values))
    axis = layout.get(f"{letter}axis{str(trace.get(f'{letter}axis', letter))[1:]}", {})
    ticks = dict(
        zip(map(str, axis.get("tickvals") or ()), axis.get("ticktext") or (), strict=False)
    )
    names = {**ticks, **(axis.get("labelalias") or {})}
    return [_plain(str(names.get(value, value))) for value in named]


def _plain(label: str) -> str:
    """A label without Plotly's tags."""
    bare = unescape(re.sub(r"<[^>]+>", "", label.replace("<br>", " ")))
    return " ".join(bare.replace("\u00a0", " ").split())


def table_html(text: HeatmapText) -> str:
    """Table with headings for rows and columns, in a box that scrolls by keyboard too.

    >>> table_html(HeatmapText("h", "", ("1",), (("0", "2"),))).count("<th")
    3
    """
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in text.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in text.rows
    )
    name = escape(text.name)
    return (
        f'<div class="numbers" role="region" tabindex="0" aria-label="{name}"><table>'
        f"<caption>{name}</caption><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )
