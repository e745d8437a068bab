"""Tokenisers: user-perceived characters, and words with punctuation marks.

Unicode Standard Annex 29, "Unicode Text Segmentation", section 3: extended grapheme clusters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHARACTER = regex.compile(r"\X")
_LETTER = r"[[\p{L}\p{M}\p{N}\p{Pc}\u200c\u200d]--\p{Han}]"
_WORD = regex.compile(
    rf"""
    \p{{Han}}\p{{M}}*                             # 北, 京: a word each
    | {_LETTER}+                                  # the, naïve, snake_case
      (?: (?: ['’]                                # don't
            | (?<=\p{{Nd}})[.,](?=\p{{Nd}}) )     # 3.14
          {_LETTER}+ )*
    | (?!\s)\X                                    # any other mark is a token of its own
    """,
    regex.V1 | regex.VERBOSE,
)


def iter_characters(text: str) -> Iterator[str]:
    """User-perceived characters of a text, one at a time; joined they give the text back.

    An emoji of several code points, a letter with its combining marks and a CRLF are one each.

    >>> list(iter_characters("né👩‍👧"))
    ['n', 'é', '👩\u200d👧']
    """
    return (match[0] for match in _CHARACTER.finditer(text))


def iter_words(text: str) -> Iterator[str]:
    """Words and punctuation marks of a text, one at a time, without the white space between them.

    >>> list(iter_words("Don't panic: 世界!"))
    ["Don't", 'panic', ':', '世', '界', '!']
    """
    return (match[0] for match in _WORD.finditer(text))
