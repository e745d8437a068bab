"""Slide controls of class mode: buttons, keys and a progress bar."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def slide_controls(
    *,
    key: str,
    at: int,
    count: int,
    last: int,
    has_player: bool,
    language: str,
    on_slide: Callable[[], None],
) -> None:
    """Controls whose `st.session_state[key]["slide"]` is the wanted slide, "reveal" or "leave".

    at          the current slide, counted from 0, of `count`; `last` is the last one open so far.
    has_player  True: left and right arrow step the slide's player and do not turn slides.

    PageUp and PageDown always turn slides, as clickers send them; arrows do where no player or
    control uses them; Escape leaves.
    """
    header = {
        "at": at,
        "count": count,
        "last": last,
        "player": has_player,
        "labels": {name: word(f"slides.{name}", language) for name in ("back", "forward", "leave")},
    }
    component("slide_controls")(data=pack(header), key=key, on_slide_change=on_slide)
