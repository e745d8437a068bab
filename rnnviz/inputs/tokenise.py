"""Text ▶ characters as a reader perceives them.

Unicode Standard Annex 29, "Unicode Text Segmentation", section 3: extended grapheme clusters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHARACTER = regex.compile(r"\X")


def characters(text: str) -> tuple[str, ...]:
    """The text's user-perceived characters, in order; joined they give the text back.

    An emoji of several code points, a letter with its combining marks and a CRLF are one each.

    >>> characters("né👩‍👧")
    ('n', 'é', '👩\u200d👧')
    """
    return tuple(_CHARACTER.findall(text))


def each_character(text: str) -> Iterator[str]:
    """The same characters one at a time, for a text that may be too long to keep.

    >>> next(each_character("北京"))
    '北'
    """
    return (match[0] for match in _CHARACTER.finditer(text))
