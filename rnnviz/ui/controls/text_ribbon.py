"""The text over the heatmaps, coloured by the picked unit."""

from __future__ import annotations

from rnnviz.analysis.panels import Panels
from rnnviz.core.sequence import Sequence
from rnnviz.ui import shell
from rnnviz.ui.player.page_model import GROUP
from rnnviz.ui.player.text_axis import MOST_TOKENS, is_text_axis, text_axis


def text_ribbon(whole: Panels, read: Sequence, *, is_wanted: bool) -> None:
    """The text that was read; one that has room on the axis of the heatmaps only where wanted."""
    tokens = read.tokens[0]
    has_place = is_wanted and len(tokens) <= MOST_TOKENS
    if read.encoding == "values" or not (has_place or is_text_axis(tokens)):
        return
    look = shell.look()
    text_axis(whole, tokens, key="text_axis", group=GROUP, language=look.language, dark=look.dark)
