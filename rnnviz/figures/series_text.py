"""Lines, points and bars on one pair of axes as sentences and a table of their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.figures.series import MARKS
from rnnviz.figures.text_table import TextTable, tick_labels, without_tags
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import has_word, sentences

# Where the words of a trace's name stand, where it has any.
_WORDS = ("course", "signal")


@dataclass(frozen=True)
class _Series:
    """One line, cloud of points or row of bars: its places along the axis and its numbers."""

    name: str
    places: tuple[str, ...]
    numbers: Array
    labels: tuple[str, ...] = ()


def series_text(
    traces: Sequence[dict[str, Any]], layout: dict[str, Any], look: Look
) -> TextTable | None:
    """Sentences and table of the traces on one pair of axes; None where they hold no number.

    Numbers that stand over the same places share the table's rows; points of a scatter plot have
    a row each, with the number along either axis.
    """
    series = [one for one in (_series(trace, layout, look) for trace in traces) if one.places]
    if not series:
        return None
    if _is_cloud(traces):
        return _points(traces, series, layout, look)
    said = _sentence_of_bars if traces[0]["type"] == "bar" else _sentence
    columns = tuple(one.name for one in series)
    return TextTable(
        _title(traces[0], layout) or " · ".join(columns),
        sentences((said(one, look) for one in series), look.language),
        columns,
        tuple(_rows(series)),
        _axis_title(layout, "x"),
    )


def _is_cloud(traces: Sequence[dict[str, Any]]) -> bool:
    """True for points that are no function of their place along the axis."""
    places = {tuple(map(str, trace["x"])) for trace in traces}
    is_shared = len(traces) > 1 and len(places) == 1
    return all(trace.get("mode") == "markers" for trace in traces) and not is_shared


def _series(trace: dict[str, Any], layout: dict[str, Any], look: Look) -> _Series:
    numbers = _numbers(trace["y"] if trace.get("customdata") is None else trace["customdata"])
    drawn = np.flatnonzero(np.isfinite(numbers))
    places = _places(trace, layout)
    labels = [without_tags(str(label)) for label in trace.get("text") or ()]
    return _Series(
        _title(trace, layout) if trace["type"] == "bar" else _series_name(trace, look),
        tuple(places[i] for i in drawn),
        numbers[drawn],
        tuple(labels[i] for i in drawn) if labels else (),
    )


def _numbers(values: Any) -> Array:
    return np.array([np.nan if value is None else float(value) for value in values])


def _series_name(trace: dict[str, Any], look: Look) -> str:
    name = str(trace.get("name") or "")
    key = next((f"{w}.{name}" for w in _WORDS if has_word(f"{w}.{name}", look.language)), "")
    return look.word(key) if key else without_tags(name)


def _places(trace: dict[str, Any], layout: dict[str, Any]) -> list[str]:
    """Labels of a trace's places, counted where two are alike, as the letters of a text."""
    axis = layout.get(f"xaxis{str(trace.get('xaxis', 'x'))[1:]}", {})
    if trace.get("mode") == "markers" or not (axis.get("ticktext") or axis.get("labelalias")):
        return [x if isinstance(x, str) else _place(float(x)) for x in trace["x"]]
    labels = tick_labels(trace["x"], axis)
    if len(set(labels)) == len(labels):
        return labels
    return [f"{number} {label}" for number, label in enumerate(labels, start=1)]


def _place(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


def _sentence(one: _Series, look: Look) -> str:
    if len(one.places) == 1:
        number = format_number(float(one.numbers[0]))
        return look.word("text.point", name=one.name, number=number, place=one.places[0])
    first, last = format_number(float(one.numbers[0])), format_number(float(one.numbers[-1]))
    return look.word("text.line", first=first, last=last, **_extremes(one))


def _sentence_of_bars(one: _Series, look: Look) -> str:
    return look.word("text.bars", count=len(one.places), **_extremes(one))


def _extremes(one: _Series) -> dict[str, str]:
    low, high = int(one.numbers.argmin()), int(one.numbers.argmax())
    return {
        "name": one.name,
        "low": format_number(float(one.numbers[low])),
        "high": format_number(float(one.numbers[high])),
        "low_place": one.places[low],
        "high_place": one.places[high],
    }


def _rows(series: Sequence[_Series]) -> list[tuple[str, ...]]:
    """A row for every place, in the order in which the longest series meets them."""
    longest = max(series, key=lambda one: len(one.places))
    places = dict.fromkeys(chain(longest.places, *(one.places for one in series)))
    cells = [dict(zip(one.places, map(format_number, one.numbers), strict=True)) for one in series]
    return [(place, *(cell.get(place, "") for cell in cells)) for place in places]


def _points(
    traces: Sequence[dict[str, Any]], series: Sequence[_Series], layout: dict[str, Any], look: Look
) -> TextTable:
    """A row for every point: its number along either axis."""
    title, axes = _title(traces[0], layout), (_axis_title(layout, "x"), _axis_title(layout, "y"))
    rows = [
        (f"{one.name} {label}".strip(), place, format_number(float(number)))
        for one in series
        for label, place, number in zip(
            one.labels or map(str, range(1, len(one.places) + 1)),
            one.places,
            one.numbers,
            strict=True,
        )
    ]
    said = (_sentence_of_points(one, title, axes, look) for one in series)
    return TextTable(title, sentences(said, look.language), axes, tuple(rows))


def _sentence_of_points(one: _Series, title: str, axes: tuple[str, str], look: Look) -> str:
    across = [float(place.replace("−", "-")) for place in one.places]
    return look.word(
        "text.points",
        name=" · ".join(filter(None, (title, one.name))),
        count=len(across),
        across=axes[0],
        left=_place(min(across)),
        right=_place(max(across)),
        up=axes[1],
        low=format_number(float(one.numbers.min())),
        high=format_number(float(one.numbers.max())),
    )


def _title(trace: dict[str, Any], layout: dict[str, Any]) -> str:
    """Words over a pair of axes; none where these are the names of its lines."""
    across, up = (str(trace.get(f"{letter}axis", letter))[1:] for letter in "xy")
    start, end = layout.get(f"xaxis{across}", {}).get("domain", (0, 1))
    for one in layout.get("annotations", ()):
        is_on_top = one.get("yref") == "paper" and one.get("y") == 1
        is_over = is_on_top and one.get("x") in (0, (start + end) / 2)
        if is_over or one.get("yref") == f"y{up} domain":
            said = without_tags(one["text"])
            return "" if said.startswith(tuple(MARKS.values())) else said
    return ""


def _axis_title(layout: dict[str, Any], letter: str) -> str:
    """Title of the axes of a letter, which stands at one of them."""
    axes = (part for name, part in layout.items() if name.startswith(f"{letter}axis"))
    titles = (axis.get("title") or {} for axis in axes)
    return next((title["text"] for title in titles if "text" in title), "")
