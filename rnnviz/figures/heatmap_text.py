"""A heatmap as a sentence and a table of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.figures.text_table import TextTable, tick_labels, without_tags
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import has_word


def heatmap_text(
    number: int, trace: dict[str, Any], layout: dict[str, Any], look: Look
) -> TextTable:
    """A heatmap in words, without rows and columns that hold no number.

    number  its place among the figure's heatmaps, for one without a name.
    """
    values = heatmap_numbers(trace)
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
    return TextTable(name, sentence, tuple(across), table)


def heatmap_numbers(trace: dict[str, Any]) -> Array:
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
        token = f"{without_tags(str(said[column]))} " if said is not None else ""
        yield f"{token}{format_number(float(value))}" if np.isfinite(value) else ""


def _labels(trace: dict[str, Any], layout: dict[str, Any], letter: str, count: int) -> list[str]:
    """Labels of rows or columns as the axis writes them; without any, counted from 1."""
    values = trace.get(letter)
    if values is None:
        return [str(number + 1) for number in range(count)]
    axis = f"{letter}axis{str(trace.get(f'{letter}axis', letter))[1:]}"
    return tick_labels(values, layout.get(axis, {}))
