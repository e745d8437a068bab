"""The sentence of the player's step, and which unit changed most there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def step_sentence_line(
    *,
    key: str,
    playhead: str,
    unit: int,
    picked: Iterable[str],
    telling: Iterable[str],
    telling_units: Iterable[int],
    language: str,
) -> None:
    """A line that follows a playhead, and keeps in `st.session_state[key]["unit"]` whose it is.

    picked         a sentence a step about the unit; it is shown while that is the picked one.
    telling        one a step about the unit that changed most, `telling_units`.
    """
    header: dict[str, Any] = {
        "playhead": playhead,
        "unit": unit,
        "picked": list(picked),
        "telling": list(telling),
        "telling_units": list(telling_units),
        "words": {name: word(f"sentence.{name}", language) for name in ("region", "pick")},
    }
    component("step_sentence")(data=pack(header), key=key, on_unit_change=_written)


def _written() -> None:
    """The sentences of another unit are wanted: the fragment writes them when it runs again."""
