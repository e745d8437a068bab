"""Text ▶ words and punctuation.

After Unicode Standard Annex 29, section 4 ("Word Boundaries"), simplified: scripts written without
spaces are not looked up in a dictionary. Every Han character is a word; a run of Hiragana,
Katakana or Thai stays together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def words(text: str) -> tuple[str, ...]:
    """The text's words and punctuation marks, in order, without the white space between them.

    >>> words("Don't panic: 世界!")
    ("Don't", 'panic', ':', '世', '界', '!')
    """
    return tuple(_WORD.findall(text))


def each_word(text: str) -> Iterator[str]:
    """The same words one at a time, for a text that may be too long to keep.

    >>> next(each_word("one two"))
    'one'
    """
    return (match[0] for match in _WORD.finditer(text))
