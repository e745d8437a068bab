"""Text of a figure in lines: Plotly breaks none by itself, and a phone cuts what is too long."""

from __future__ import annotations

import re

from rnnviz.figures.notes import label_width

# Pixels beside the narrowest margins of a figure on a phone.
PHONE = 330
LINE = 17
# A sign that a line may end after, with the stops that may not begin one, or a word.
_WIDE = r"[\u2e80-\u9fff\uff08]"
_PIECES = re.compile(rf"“?{_WIDE}[，。；：、）？！”]*|(?:(?!{_WIDE})\S)+\s*|\s+")


def in_lines(text: str, width: int = PHONE) -> str:
    """Text without tags, broken after words or Chinese signs into lines of at most so many pixels.

    >>> in_lines("how far back it sees", 100)
    'how far back<br>it sees'
    >>> in_lines("距离，旋转", 36)
    '距离，<br>旋转'
    """
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and label_width(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return "<br>".join(line.strip() for line in lines)


def n_lines(text: str) -> int:
    """Lines of a text.

    >>> n_lines("above<br>below")
    2
    """
    return text.count("<br>") + 1
