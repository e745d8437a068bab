"""Minimap of a long sequence, which moves the visible window."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.core.arrays import Array
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack_arrays

_LABELS = (
    *("group", "strip", "whole", "closer", "farther"),
    *("earlier", "later", "undo", "go"),
)


def minimap(
    overview: Array,
    *,
    name: str,
    key: str,
    group: str,
    window: tuple[int, int],
    count: int,
    max_steps: int,
    language: str,
    on_window: Callable[[], None],
) -> None:
    """Overview of a whole sequence, with the window that the chart of the group shows.

    overview   (column,) of the whole sequence, 0…1.
    name       of the recording; another name clears the history of windows.
    window     first step shown and the one after the last, of `count`.
    max_steps  longest window that has a player.

    `on_window` is called for a new window: `st.session_state[key]["window"]` has its `start` and
    `stop`, and the `step` to go to or None.
    """
    header = {
        "group": group,
        "name": name,
        "start": window[0],
        "stop": window[1],
        "count": count,
        "maxSteps": max_steps,
        "labels": {label: word(f"minimap.{label}", language) for label in _LABELS},
        "words": {"where": word("minimap.where", language)},
    }
    component("minimap")(data=pack_arrays(header, [overview]), key=key, on_window_change=on_window)
