"""Stepping in the browser: the player over the heatmaps, and the numbers of the current step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st

from rnnviz.analysis.panels import Panels
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.i18n import word
from rnnviz.ui.player.diagram_packet import diagram_packet
from rnnviz.ui.player.packet import described, pack, pack_arrays, script, text

_TOOLS = (
    *("group", "strip", "whole", "closer", "farther"),
    *("earlier", "later", "undo", "go"),
)
_LABELS = ("group", "first", "back", "play", "forward", "last", "slider", "speed", "loop", "veil")


def player(
    view: Panels,
    *,
    name: str,
    key: str,
    group: str,
    step: int | None,
    jump: int,
    language: str,
    clock: str = "",
) -> None:
    """The controls, and the cursor and veil over the chart in the container keyed `group`.

    view   all that tables and drawings of the group show; its numbers cross here, once.
    name   of the trace: the same for all that shows it, another for other numbers.
    step   where to stand at first, counted from 0 in the whole sequence; None for the last.
    jump   a new value makes the player take `step` again.
    clock  players, tables and drawings of one clock keep step together; by default the group's own.
    """
    given = {"group": group, "step": step, "jump": jump, "clock": clock or group, "trace": name}
    _component("player")(data=stepper(view, language=language, **given), key=key)


def run(view: Panels, *, name: str, key: str, group: str, clock: str, language: str) -> None:
    """Cursor, veil and numbers of a chart beside the player's, in the container keyed `group`."""
    header = {
        "group": group,
        "clock": clock,
        "trace": name,
        "tokens": view.tokens,
        "panels": described(view, language),
        "words": {"step": word("axis.step", language)},
    }
    _component("linked_chart")(data=pack(header, view), key=key)


def places(
    rows: Iterable[Mapping[str, Any]],
    *,
    key: str,
    clock: str,
    caption: str,
    columns: Iterable[str],
) -> None:
    """A table whose rows go to a place in the picture.

    rows   each its `cells`, the `colour` of the first, and where it goes: `step`, `signal` and
           `unit`, None for a line that is no unit.
    """
    header = {"clock": clock, "caption": caption, "columns": list(columns), "rows": list(rows)}
    _component("jump_table")(data=pack(header), key=key)


def follow(
    *, key: str, clock: str, step: int | None, signal: str, unit: int, on_rest: Callable[[], None]
) -> None:
    """Hear, once, where the reader came to rest: `st.session_state[key]["place"]`.

    The place has `step`, and the picked `signal` and `unit`, which begin as given; None is the
    last step. `on_rest` is called when it has changed.
    """
    header = {"clock": clock, "step": step, "signal": signal, "unit": unit}
    _component("cursor_sync")(data=pack(header), key=key, on_place_change=on_rest)


def stepper(view: Panels, *, language: str, **given: Any) -> bytes:
    """What the player is given: its words, and the numbers of the view."""
    header = {
        "tokens": view.tokens,
        "first": view.start,
        "whole": view.whole,
        "panels": described(view, language),
        "labels": {name: word(f"player.{name}", language) for name in _LABELS},
        "words": {name: word(f"player.{name}", language) for name in ("pause", "where")}
        | {"step": word("axis.step", language)},
    }
    return pack(header | given, view)


def numbers(
    view: Panels,
    *,
    name: str,
    key: str,
    group: str,
    language: str,
    dark: bool,
    clock: str = "",
) -> None:
    """A table of every unit's signals at the step where the player of the group stands."""
    header = {
        "group": group,
        "clock": clock or group,
        "trace": name,
        "panels": described(view, language, dark),
        "words": {
            "caption": word("numbers.caption", language),
            "region": word("numbers.region", language),
        },
    }
    _component("value_table")(data=pack(header), key=key)


def diagram(
    trace: Trace,
    view: Panels,
    *,
    name: str,
    key: str,
    group: str,
    layer: int,
    row: int = 0,
    language: str,
    dark: bool,
    activations: Mapping[str, str] | None = None,
    clock: str = "",
) -> None:
    """The cell as a drawing with the numbers of the step where the player of the group stands.

    activations   by gate, where the layer has chosen another than its cell's own.

    A cell that declares no drawing shows nothing.
    """
    packet = diagram_packet(
        trace,
        view,
        name=name,
        group=group,
        clock=clock or group,
        layer=layer,
        row=row,
        language=language,
        dark=dark,
        activations=activations,
    )
    if packet is not None:
        _component("diagram")(data=packet, key=key)


def window_map(
    ribbon: Array,
    *,
    name: str,
    key: str,
    group: str,
    window: tuple[int, int],
    count: int,
    finest: int,
    language: str,
    on_ask: Callable[[], None],
) -> None:
    """The whole of a long sequence, and what moves the window that the group shows of it.

    ribbon  (column,) of the whole, 0…1.
    name    of the recording; for another one, what was shown before is forgotten.
    window  the steps shown, from the first up to the second, of `count`.
    finest  windows of at most so many steps have a player.

    `on_ask` is called when the reader wants another: `st.session_state[key]["asked"]` has its
    `start` and `stop`, and the `step` to stand on or None.
    """
    header = {
        "group": group,
        "name": name,
        "start": window[0],
        "stop": window[1],
        "count": count,
        "window": finest,
        "labels": {name: word(f"map.{name}", language) for name in _TOOLS},
        "words": {"where": word("map.where", language)},
    }
    _component("minimap")(data=pack_arrays(header, [ribbon]), key=key, on_asked_change=on_ask)


def pictures(*, key: str, group: str, language: str) -> None:
    """Buttons that save the chart of a group as PNG and as SVG."""
    labels = {name: word(f"share.{name}", language) for name in ("png", "svg")}
    header = {"group": group, "name": "rnnviz", "labels": labels}
    _component("image_buttons")(data=pack(header), key=key)


def keys(
    *,
    key: str,
    at: int,
    count: int,
    last: int,
    has_player: bool,
    language: str,
    on_turn: Callable[[], None],
) -> None:
    """Slides turned by keys, and how far one is: `st.session_state[key]["turn"]`.

    at          the slide that is shown, counted from 0, of `count`; `last` can be reached now.
    has_player  whether the slide has a player: left and right arrow then step it.

    PageUp and PageDown turn always, as clickers do; arrows where no player or control takes them;
    Escape leaves. `turn` is the slide wanted, or "leave".
    """
    header = {
        "at": at,
        "count": count,
        "last": last,
        "player": has_player,
        "labels": {name: word(f"keys.{name}", language) for name in ("back", "forward", "leave")},
    }
    _component("slide_controls")(data=pack(header), key=key, on_turn_change=on_turn)


def stage_css() -> str:
    """The look of cursor and veil, which lie over the chart and so belong to the page."""
    return text("overlay.css")


def _component(name: str) -> Any:
    # Registered in every run: Streamlit keeps components by application, not by module.
    return st.components.v2.component(
        f"rnnviz_{name}",
        html=text(f"{name}.html"),
        css=text(f"{name}.css"),
        js=script(name),
    )
