"""Slide controls of class mode: buttons, keys and a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def slide_controls(
    *,
    key: str,
    at: int,
    count: int,
    asked: Sequence[bool],
    press: int,
    has_player: bool,
    lines: int,
    language: str,
    on_slide: Callable[[], None],
    on_lines: Callable[[], None],
) -> None:
    """Controls whose `st.session_state[key]["slide"]` is "leave", or the wanted place.

    A place is {"slide", "revealed", "press"}; `revealed` are the slides whose questions are to be
    revealed. It says all, so that presses which come faster than the page is drawn lose nothing
    and do nothing twice. `st.session_state[key]["lines"]` is the height for which figures are to be
    drawn.

    at          the current slide, counted from 0, of `count`.
    asked       by slide: whether it has a question that is not revealed.
    press       number of the press that led here.
    has_player  True: left and right arrow step the slide's player and do not turn slides.
    lines       height for which the slide's figures are drawn.

    PageUp and PageDown always turn slides, as clickers send them; arrows do where no player or
    control uses them; Escape leaves.
    """
    header = {
        "at": at,
        "count": count,
        "asked": list(asked),
        "press": press,
        "player": has_player,
        "lines": lines,
        "labels": {name: word(f"slides.{name}", language) for name in ("back", "forward", "leave")},
    }
    component("slide_controls")(
        data=pack(header), key=key, on_slide_change=on_slide, on_lines_change=on_lines
    )
