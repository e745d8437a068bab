"""The text that is read, wrapped, each token on the colour of the picked unit: an axis of time."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.analysis.panels import Panels
from rnnviz.diagrams.style import colour_scale
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack

# Shorter texts are named on the axis of the heatmaps; longer ones are too much to colour.
FEWEST_LETTERS, MOST_TOKENS = 41, 1_000


def is_text_axis(tokens: Sequence[str]) -> bool:
    """True for a text that is too long for the labels of an axis, and not for a book.

    >>> is_text_axis(list("The cat sat on the mat.")), is_text_axis(["word"] * 20)
    (False, True)
    """
    n_letters = sum(max(1, len(token)) for token in tokens)
    return n_letters >= FEWEST_LETTERS and len(tokens) <= MOST_TOKENS


def text_axis(
    view: Panels,
    tokens: Sequence[str],
    *,
    key: str,
    group: str,
    language: str,
    dark: bool,
    playhead: str = "",
) -> None:
    """The tokens, as they were read, coloured by the values that the group's player has sent.

    A click goes to the token's step; what is not yet read is pale.
    """
    component("text_axis")(
        data=text_axis_packet(
            view, tokens, group=group, language=language, dark=dark, playhead=playhead or group
        ),
        key=key,
    )


def text_axis_packet(
    view: Panels, tokens: Sequence[str], *, group: str, language: str, dark: bool, playhead: str
) -> bytes:
    """Header for the component's script."""
    signals = [panel for panel in view.panels if not panel.has_own_axis]
    between = " " if all(token.strip() == token and token for token in tokens) else ""
    are_words = any(len(token) > 1 for token in tokens)
    header = {
        "group": group,
        "playhead": playhead,
        "tokens": list(tokens),
        "between": between if are_words else "",
        "signals": {
            panel.signal.name: colour_scale(panel, dark)
            | {"label": word(f"signal.{panel.signal.name}", language)}
            for panel in signals
        },
        "first": signals[0].signal.name if signals else "",
        "words": {name: word(f"text_axis.{name}", language) for name in ("title", "region")},
    }
    return pack(header)
