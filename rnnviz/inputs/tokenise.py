"""Tokenisers: user-perceived characters, and words with punctuation marks.

Unicode Standard Annex 29, "Unicode Text Segmentation": extended grapheme clusters (section 3),
and format characters that belong to the word they stand in (section 4, rule WB4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    import regex


@dataclass(frozen=True)
class _Pattern:
    """Pattern of the regex library, which is loaded for the first text that is no plain ASCII."""

    pattern: str

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        import regex

        return regex.compile(self.pattern, regex.V1 | regex.VERBOSE)


# Two regional indicators are a flag. regex counts all those before, which takes the square of them.
_EXTEND = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*"
_GRAPHEME = rf"(?:\p{{Regional_Indicator}}{{1,2}}{_EXTEND}|\X)"
# Code points that stand alone unless one that joins them follows, matched many at once.
_ALONE = r"[\p{GCB=Other}\p{GCB=Control}\p{GCB=LF}\p{GCB=LV}\p{GCB=LVT}]"
_JOINING = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=V}\p{GCB=T}]"
_MIN_RUN = 8
_CHARACTERS = _Pattern(rf"{_ALONE}{{{_MIN_RUN},}}(?!{_JOINING})|{_GRAPHEME}")
# Behind a mark on its letter, or a lone code point, another lone one begins a character.
_CHARACTER_END = _Pattern(
    rf"{_ALONE}(?:[\p{{GCB=Extend}}--\p{{ccc=9}}]|\p{{GCB=SpacingMark}})?+(?={_ALONE})"
)
_NOT_ALONE = _Pattern(rf"(?!\r(?!\n))[^{_ALONE}]")
# Soft hyphen, joiners, marks of direction; the zero width space stands between words.
_FORMAT = r"[[\p{Cf}\p{M}]--\u200b]"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}{_FORMAT}]--\p{{Han}}]"
# Ideographs and signs that no neighbour joins are a word each, matched many at once.
_SIGN = rf"[[\p{{Han}}\p{{P}}\p{{S}}]&&{_ALONE}--[\p{{Pc}}{_FORMAT}]]"
_MAX_FLAGS = 4_096  # at once; regex remembers each
_WORD = _Pattern(
    rf"""
    ({_SIGN}{{2,}})(?![{_FORMAT}]|{_JOINING})
    | ((?:\p{{Regional_Indicator}}{{2}}){{2,{_MAX_FLAGS}}})(?![{_FORMAT}]|{_JOINING})
    | {_FORMAT}*
    (?: \p{{Han}}                                 # 北, 京: a word each
      | [{_LETTER}--{_FORMAT}] {_LETTER}*         # the, naïve, snake_case, می‌خواهم
        (?: (?: ['’·‧״]                           # don't, paral·lel
              | (?<=\p{{Nd}}{_FORMAT}*)[.,٫٬](?=\p{{Nd}}) )     # 3.14
            {_LETTER}+ )*
      | (?![\s\u200b]){_GRAPHEME} )               # any other mark is a token of its own
    {_FORMAT}*
    | {_FORMAT}+
    """
)

_SPACE = _Pattern(r"\s")
_BLOCK = 100_000
_MAX_KNOWN = 40  # characters of a part whose words are remembered


def vocabulary_kind(tokens: Iterable[str]) -> Literal["characters", "words"]:
    """Kind of a vocabulary's tokens: words where more than half are longer than a character.

    Those like "<pad>" do not count as longer.

    >>> vocabulary_kind(["<pad>", "a", "b"]), vocabulary_kind(["the", "cat", "a"])
    ('characters', 'words')
    """
    are_longer = [len(token) > 1 and not token.startswith("<") for token in tokens]
    return "words" if sum(are_longer) > len(are_longer) // 2 else "characters"


def between_tokens(kind: str) -> str:
    """Text between two tokens: a space between words, nothing between characters."""
    return " " if kind == "words" else ""


def iter_characters(text: str) -> Iterator[str]:
    """User-perceived characters of a text, one at a time; joined they give the text back.

    An emoji of several code points, a letter with its combining marks and a CRLF are one each.

    >>> list(iter_characters("né👩‍👧"))
    ['n', 'é', '👩\u200d👧']
    """
    if text.isascii() and are_code_points(text):
        yield from text
        return
    for pieces in _character_pieces(text):
        for piece in pieces:
            if len(piece) < _MIN_RUN or _NOT_ALONE.compiled.search(piece):
                yield piece
            else:
                yield from piece


def _character_pieces(text: str) -> Iterator[Iterable[str]]:
    """Characters of a text and long runs of lone code points, block by block."""
    start = 0
    while start < len(text):
        cut = _CHARACTER_END.compiled.search(text, start + _BLOCK, start + 2 * _BLOCK)
        if cut is None and start + 2 * _BLOCK < len(text):
            # One after the other: in a list they would take more memory than the text.
            yield (match[0] for match in _CHARACTERS.compiled.finditer(text, start))
            return
        end = len(text) if cut is None else cut.end()
        yield _CHARACTERS.compiled.findall(text, start, end)
        start = end


def are_code_points(text: str) -> bool:
    r"""True where nothing in a text joins its code points to longer user-perceived characters.

    >>> are_code_points("né 世"), are_code_points("ne\u0301"), are_code_points("a\r\n")
    (True, False, False)
    """
    return "\r\n" not in text if text.isascii() else _NOT_ALONE.compiled.search(text) is None


def iter_words(text: str) -> Iterator[str]:
    """Words and punctuation marks of a text, one at a time, without the white space between them.

    >>> list(iter_words("Don't panic: 世界!"))
    ["Don't", 'panic', ':', '世', '界', '!']
    """
    known: dict[str, tuple[str, ...]] = {}
    for part in _parts(text):
        if part.isascii() and part.isalnum():
            yield part
        elif words := known.get(part):
            yield from words
        elif len(part) <= _MAX_KNOWN and len(known) < _BLOCK:
            known[part] = tuple(_split_words(part))
            yield from known[part]
        else:
            yield from _split_words(part)


def _split_words(text: str) -> Iterator[str]:
    for match in _WORD.compiled.finditer(text):
        piece = match[0]
        if not match.lastindex:
            yield piece
        elif match.lastindex == 1:
            yield from piece
        else:
            yield from [piece[place : place + 2] for place in range(0, len(piece), 2)]


def _parts(text: str) -> Iterator[str]:
    """Parts of a text between white space, split a block at a time."""
    start = 0
    while start < len(text):
        is_long = len(text) > start + _BLOCK
        cut = _SPACE.compiled.search(text, start + _BLOCK) if is_long else None
        end = len(text) if cut is None else cut.end()
        yield from text[start:end].split()
        start = end


TOKENISERS: dict[str, Callable[[str], Iterator[str]]] = {
    "characters": iter_characters,
    "words": iter_words,
}
# So that a text is read in a time that grows with its length alone.
_MAX_JOINED = 64
_SPECIAL = re.compile(r"<[^<>\s]+>|\[[A-Z_]+\]|PAD|UNK|EOS|BOS|SOS")


def is_special(token: str) -> bool:
    """True for a token that stands for no piece of a text: "<pad>", "[UNK]", "<s>", an empty one.

    >>> is_special("<unk>"), is_special("[CLS]"), is_special("<"), is_special("a")
    (True, True, False, False)
    """
    return not token or bool(_SPECIAL.fullmatch(token))


def joined_tokens(vocabulary: Iterable[str], kind: str) -> tuple[str, ...]:
    """The tokens of a vocabulary that are several characters, or words, of a text.

    >>> joined_tokens(["<pad>", "a", "ch", "c"], "characters")
    ('<pad>', 'ch')
    >>> joined_tokens(["New York", "new", "<unk>"], "words")
    ('New York', '<unk>')
    """
    split = TOKENISERS[kind]
    return tuple(
        token
        for token in vocabulary
        if 1 < len(token) <= _MAX_JOINED and not token.isspace() and list(split(token)) != [token]
    )


def iter_tokens(text: str, kind: str, joined: Collection[str] = ()) -> Iterator[str]:
    """Tokens of a text, one at a time; where some of `joined` begin, the longest is one.

    kind  "characters" or "words", of whatever lies between those.

    >>> list(iter_tokens("<pad>Bach", "characters", ("<pad>", "ch")))
    ['<pad>', 'B', 'a', 'ch']
    >>> list(iter_tokens("in New Yorker, New York", "words", ("New York",)))
    ['in', 'New', 'Yorker', ',', 'New York']
    """
    split = TOKENISERS[kind]
    if not joined:
        yield from split(text)
        return
    rest = 0
    for start, stop in _joined_in(text, frozenset(joined), is_word=kind == "words"):
        yield from split(text[rest:start])
        yield text[start:stop]
        rest = stop
    yield from split(text[rest:])


def _joined_in(text: str, joined: frozenset[str], *, is_word: bool) -> Iterator[tuple[int, int]]:
    """Start and stop of every joined token in a text, from left to right."""
    longest, starts = max(map(len, joined)), {token[:2] for token in joined}
    lengths = _lengths_by_prefix(joined, longest)
    stop = 0
    for begin in re.finditer(f"[{re.escape(''.join({t[0] for t in joined}))}]", text):
        place = begin.start()
        begins = text[place : place + 2] in starts or text[place] in starts
        if place < stop or not begins or (is_word and _is_inside(text, place)):
            continue
        for end in [place + n for n in _lengths_at(text, place, lengths, longest)]:
            if not (is_word and _is_inside(text, end)):
                yield place, end
                stop = end
                break


def _lengths_by_prefix(joined: frozenset[str], longest: int) -> dict[str, tuple[int, ...]]:
    """Lengths, longest first, of the tokens that a prefix of a token begins with.

    The prefixes are those at which a search by halves for a token's length goes on to longer ones:
    Waldvogel et al. (1997), "Scalable high speed IP routing lookups", section 3.
    """
    lengths: dict[str, tuple[int, ...]] = {}
    for token in joined:
        ends = [n for n in range(len(token), 0, -1) if token[:n] in joined]
        low, high = 0, longest
        while low < high:
            middle = (low + high + 1) // 2
            if middle > len(token):
                high = middle - 1
                continue
            low = middle
            if token[:middle] not in lengths:
                lengths[token[:middle]] = tuple(n for n in ends if n <= middle)
    return lengths


def _lengths_at(
    text: str, place: int, lengths: Mapping[str, tuple[int, ...]], longest: int
) -> tuple[int, ...]:
    """Lengths of the tokens that a text has at a place, longest first."""
    found: tuple[int, ...] = ()
    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        here = lengths.get(text[place : place + middle])
        if here is None:
            high = middle - 1
        else:
            low, found = middle, here
    return found


def _is_inside(text: str, place: int) -> bool:
    """True when a place lies within a word."""
    return text[max(0, place - 1) : place].isalnum() and text[place : place + 1].isalnum()
