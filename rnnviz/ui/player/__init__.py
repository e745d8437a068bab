"""Stepping in the browser: the player over the heatmaps, and the numbers of the current step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from rnnviz.ui.player.files import script, text
from rnnviz.ui.player.packet import described, pack
from rnnviz.views.panels import Panels
from rnnviz.words import word

_LABELS = ("group", "first", "back", "play", "forward", "last", "slider", "speed", "loop", "veil")


def player(
    view: Panels,
    *,
    key: str,
    group: str,
    step: int | None,
    jump: int,
    language: str,
    on_rest: Callable[[], None],
) -> None:
    """The controls, and the cursor and veil over the chart in the container keyed `group`.

    step     where to stand at first, counted from 0; None for the last.
    jump     a new value makes the player take `step` again.
    on_rest  called when the cursor has come to rest on another step; it is then in the state of
             the component, `st.session_state[key]["step"]`.
    """
    packet = stepper(view, group=group, step=step, jump=jump, language=language)
    _component("player")(data=packet, key=key, on_step_change=on_rest)


def stepper(view: Panels, *, group: str, step: int | None, jump: int, language: str) -> bytes:
    """What the player is given."""
    return pack(
        {
            "group": group,
            "step": step,
            "jump": jump,
            "tokens": view.tokens,
            "labels": {name: word(f"player.{name}", language) for name in _LABELS},
            "words": {name: word(f"player.{name}", language) for name in ("pause", "where")},
        }
    )


def numbers(view: Panels, *, key: str, group: str, language: str, dark: bool) -> None:
    """A table of every unit's signals at the step where the player of the group stands."""
    header = {
        "group": group,
        "tokens": view.tokens,
        "panels": described(view, language, dark),
        "words": {
            "caption": word("numbers.caption", language),
            "region": word("numbers.region", language),
            "unit": word("axis.unit", language),
        },
    }
    _component("numbers")(data=pack(header, view), key=key)


def pictures(*, key: str, group: str, language: str) -> None:
    """Buttons that save the chart of a group as PNG and as SVG."""
    labels = {name: word(f"share.{name}", language) for name in ("png", "svg")}
    header = {"group": group, "name": "rnnviz", "labels": labels}
    _component("pictures")(data=pack(header), key=key)


def stage_css() -> str:
    """The look of cursor and veil, which lie over the chart and so belong to the page."""
    return text("stage.css")


def _component(name: str) -> Any:
    # Registered in every run: Streamlit keeps components by application, not by module.
    return st.components.v2.component(
        f"rnnviz_{name}",
        html=text(f"{name}.html"),
        css=text(f"{name}.css"),
        js=script(name),
    )
