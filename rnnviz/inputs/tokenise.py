"""Tokenisers: user-perceived characters, and words with punctuation marks.

Unicode Standard Annex 29, "Unicode Text Segmentation": extended grapheme clusters (section 3),
and format characters that belong to the word they stand in (section 4, rule WB4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Two regional indicators are a flag. regex counts all those before, which takes the square of them.
_EXTEND = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*"
_GRAPHEME = rf"(?:\p{{Regional_Indicator}}{{1,2}}{_EXTEND}|\X)"
_CHARACTER = regex.compile(_GRAPHEME, regex.V1)
# Soft hyphen, joiners, marks of direction; the zero width space stands between words.
_FORMAT = r"[[\p{Cf}\p{M}]--\u200b]"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}{_FORMAT}]--\p{{Han}}]"
_WORD = regex.compile(
    rf"""
    {_FORMAT}*
    (?: \p{{Han}}                                 # 北, 京: a word each
      | [{_LETTER}--{_FORMAT}] {_LETTER}*         # the, naïve, snake_case, می‌خواهم
        (?: (?: ['’·‧״]                           # don't, paral·lel
              | (?<=\p{{Nd}}{_FORMAT}*)[.,٫٬](?=\p{{Nd}}) )     # 3.14
            {_LETTER}+ )*
      | (?![\s\u200b]){_GRAPHEME} )               # any other mark is a token of its own
    {_FORMAT}*
    | {_FORMAT}+
    """,
    regex.V1 | regex.VERBOSE,
)


def vocabulary_kind(tokens: Iterable[str]) -> Literal["characters", "words"]:
    """Kind of a vocabulary's tokens: words where more than half are longer than a character.

    Those like "<pad>" do not count as longer.

    >>> vocabulary_kind(["<pad>", "a", "b"]), vocabulary_kind(["the", "cat", "a"])
    ('characters', 'words')
    """
    are_longer = [len(token) > 1 and not token.startswith("<") for token in tokens]
    return "words" if sum(are_longer) > len(are_longer) // 2 else "characters"


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
