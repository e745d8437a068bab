"""Charsets of text that is not Unicode, ranked by how much like writing their text reads.

A table has few words, and its digits and commas say nothing. So chardet, which knows which letters
follow each other in 49 languages, is asked about the words with foreign letters alone, and what no
one writes counts against a charset: scripts or capitals mixed within a word, signs between letters,
characters that are rare in their own standard.
"""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass
from typing import NamedTuple

import regex

_WINDOW = 1_000_000
_SAMPLE_BYTES = 8_000
# Below these the runner-up, or a third charset, might be right: the guess is told to be one.
_MIN_MARGIN = 1.2
_MIN_FOREIGN = 3
_MAX_NAMES = 8


class _Charset(NamedTuple):
    """A charset as Python names it.

    model    chardet's name for it; "" for its own.
    prior    how often files come in it, beside the others.
    common   codec and first bytes of its frequent characters, where it has levels of them.
    """

    name: str
    model: str = ""
    prior: float = 1.0
    common: tuple[str, frozenset[int]] | None = None


def _first_bytes(first: int, last: int, *marks: int) -> frozenset[int]:
    return frozenset((0xA1, *marks, *range(first, last + 1)))


# Punctuation and level 1 of GB 2312 and of Big5, kana and level 1 of JIS X 0208, the Hangul of
# KS X 1001.
_CHINESE = ("gb2312", _first_bytes(0xB0, 0xD7, 0xA3))
_TRADITIONAL = ("big5", _first_bytes(0xA4, 0xC6, 0xA2))
_JAPANESE = ("euc_jp", _first_bytes(0xB0, 0xCF, 0xA3, 0xA4, 0xA5))
_KOREAN = ("euc_kr", _first_bytes(0xB0, 0xC8, 0xA3))
# Of two that give the same text the first is named.
_CHARSETS = (
    _Charset("cp1252", prior=1.1),
    _Charset("cp1250"),
    _Charset("cp1251"),
    _Charset("cp932", common=_JAPANESE),
    _Charset("gb18030", common=_CHINESE),
    _Charset("cp950", "big5hkscs", common=_TRADITIONAL),
    _Charset("big5hkscs", common=_TRADITIONAL),
    _Charset("cp949", common=_KOREAN),
    _Charset("euc_jp", "euc_jis_2004", common=_JAPANESE),
    *map(_Charset, ("cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874")),
    *map(_Charset, ("koi8-r", "koi8-u", "cp866", "iso8859-15", "iso8859-2", "iso8859-5")),
    *map(_Charset, ("iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9")),
    _Charset("mac-roman", prior=0.3),
    _Charset("mac-cyrillic", prior=0.5),
    _Charset("cp850", prior=0.3),
    _Charset("cp852", prior=0.3),
    _Charset("cp437", prior=0.1),
)
_LEAST_EVIDENCE = 0.00025  # what chardet gives an improbable charset
_LEAST_EVIDENCE_OF_PAIRS = 0.001  # bytes that all pair up are evidence by themselves

NO_TEXT = regex.compile(r"[[\p{Co}\p{Cn}\p{Cc}]--[\t\n\r]]", regex.V1)
# °, µ, €, £ and quotation marks, each beside ASCII alone: the units and prices of English files.
_SIGNS = rb"[\x80\x85\x91-\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb1\xb5\xb7\xbb\xd7]"
_RAISED = rb"[\xb2\xb3\xb9\xba\xbc\xbd](?![A-Za-z])"  # m² and m³; in Polish ł ends no word often
_SIGNS_ALONE = re.compile(
    rb"(?:[\x00-\x7f]*(?:" + _SIGNS + rb"|" + _RAISED + rb")(?![\x80-\xff]))+[\x00-\x7f]*"
)
_SIGNS_BONUS = 5.0
_ALPHABETIC = regex.compile(r"\p{ASCII}|[[\p{L}\p{M}]--[\p{Han}\p{Hangul}]]", regex.V1)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_CAPITAL_WITHIN = regex.compile(r"\p{Ll}\p{Lu}")
_HALF_WIDTH = regex.compile(r"[\uff61-\uff9f]")
_DRAWN = regex.compile(r"[\u2500-\u25a1]")
_SIGN_BETWEEN = regex.compile(
    r"[\p{L}\p{M}][[\u02c6-\u02dd\p{S}\p{No}\p{Pc}\p{Po}\p{Pi}\p{Pf}\p{Ps}\p{Pe}]"
    r"--[\p{ASCII}’·ʼ・、。，！？：；（）「」《》…‧ªº]]+\p{L}",
    regex.V1,
)
_SCRIPTS = tuple(
    regex.compile(letters)
    for letters in (
        *(r"\p{Latin}", r"\p{Greek}", r"\p{Cyrillic}", r"\p{Hebrew}", r"\p{Arabic}", r"\p{Thai}"),
        *(r"\p{Hangul}", r"[\p{Han}\p{Hiragana}\p{Katakana}]"),
    )
)


@dataclass(frozen=True)
class CharsetGuess:
    """Charsets that fit, likeliest first, one for every different text.

    is_certain  True when the first is far ahead and enough letters speak for it.
    """

    names: tuple[str, ...]
    is_certain: bool


def guess_charset(data: bytes, start: int = 0) -> CharsetGuess:
    """Charsets of bytes that are not UTF-8, from a bounded sample around the byte `start`.

    >>> guess_charset("Сегодня утром был туман".encode("koi8-r")).names[0]
    'koi8-r'
    """
    sample = foreign_words(data, start)
    ranked = _ranked(sample)
    names = tuple(name for name, _, _ in ranked[:_MAX_NAMES])
    if not ranked:
        return CharsetGuess((), False)
    margin = ranked[0][1] - ranked[1][1] if len(ranked) > 1 else math.inf
    n_foreign = len({mark for mark in ranked[0][2] if mark.isalpha() and not mark.isascii()})
    return CharsetGuess(names, margin >= _MIN_MARGIN and n_foreign >= _MIN_FOREIGN)


def foreign_words(data: bytes, start: int = 0) -> bytes:
    """Different pieces with a byte above 127, one a line, from the piece at the byte `start` on.

    Pieces end at control characters, commas and semicolons: no charset of several bytes a
    character has these within one.

    >>> foreign_words("date,météo\\n1,été\\n2,été".encode("cp1252"))
    b'm\\xe9t\\xe9o\\n\\xe9t\\xe9'
    """
    first = _piece_start(data, start)
    pieces: dict[bytes, None] = {}
    n_bytes = 0
    for match in re.finditer(rb"[^\x00-\x1f,;]+", data[first : first + _WINDOW]):
        piece = match[0][:_SAMPLE_BYTES]
        if not piece.isascii() and piece not in pieces:
            pieces[piece] = None
            n_bytes += len(piece)
            if n_bytes >= _SAMPLE_BYTES:
                break
    return b"\n".join(pieces)


def _piece_start(data: bytes, start: int) -> int:
    before = data[max(0, start - _SAMPLE_BYTES) : start]
    ends = [match.end() for match in re.finditer(rb"[\x00-\x1f,;]", before)]
    if ends:
        return start - len(before) + ends[-1]
    # Without an end in so many bytes, the byte that is no UTF-8 begins a character.
    return 0 if len(before) == start else start


def _ranked(sample: bytes) -> list[tuple[str, float, str]]:
    evidence = _language_evidence(sample)
    best: dict[str, tuple[str, float]] = {}
    bonus = {"cp1252": _SIGNS_BONUS} if _SIGNS_ALONE.fullmatch(sample) else {}
    for charset in _CHARSETS:
        text = _decoded(sample, charset.name)
        if text is None:
            continue
        score = _score(charset, text, evidence.get(charset.model or charset.name, 0.0))
        score += bonus.get(charset.name, 0.0)
        name, best_score = best.get(text, (charset.name, score))
        best[text] = (name, max(score, best_score))
    found = ((name, score, text) for text, (name, score) in best.items())
    return sorted(found, key=lambda each: -each[1])


def _language_evidence(sample: bytes) -> dict[str, float]:
    import chardet

    names = [charset.model or charset.name for charset in _CHARSETS]
    found = chardet.detect_all(
        sample, ignore_threshold=True, include_encodings=names, compat_names=False
    )
    return {str(each["encoding"]): each["confidence"] for each in found}


def _decoded(sample: bytes, name: str) -> str | None:
    # Incremental: the sample may end within a character.
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return None
    return None if NO_TEXT.search(text) else text


def is_writing(text: str) -> bool:
    """True for a text with some ASCII, as nearly all have, or of one script that needs none.

    >>> is_writing("né"), is_writing("погода"), is_writing("éß"), is_writing("пä天")
    (True, True, False, False)
    """
    in_latin, *in_others = (bool(script.search(text)) for script in _SCRIPTS)
    return any(map(str.isascii, text)) or (not in_latin and sum(in_others) == 1)


def familiar_share(text: str) -> float:
    """Share of the characters that are ASCII, letters, or frequent ideographs.

    >>> familiar_share("né 床前"), familiar_share("\u6e00\ue900\u2000\u8a5e")
    (1.0, 0.25)
    """
    n_alphabetic = len(_ALPHABETIC.findall(text))
    return n_alphabetic / len(text) + ideograph_share(text)


def ideograph_share(text: str) -> float:
    """Share of the characters that are frequent in Chinese, Japanese or Korean.

    >>> ideograph_share("床前a光")
    0.75
    """
    levels = (_CHINESE, _TRADITIONAL, _JAPANESE, _KOREAN)
    others = (mark for mark in text if not _ALPHABETIC.match(mark))
    frequent = sum(any(_is_common(mark, *level) for level in levels) for mark in others)
    return frequent / len(text)


def _score(charset: _Charset, text: str, evidence: float) -> float:
    least = _LEAST_EVIDENCE_OF_PAIRS if charset.common else _LEAST_EVIDENCE
    score = math.log(max(evidence, least) * charset.prior) - 2 * _flaws(text)
    if charset.common is None:
        return score
    foreign = {mark for mark in text if not mark.isascii() and not _HALF_WIDTH.match(mark)}
    n_common = sum(_is_common(mark, *charset.common) for mark in foreign)
    rare = 1 - n_common / max(len(foreign), 1)
    return score - 20 * rare + 0.2 * min(n_common, 10)


def _is_common(mark: str, codec: str, first_bytes: frozenset[int]) -> bool:
    encoded = mark.encode(codec, "ignore")
    return len(encoded) == 2 and encoded[0] in first_bytes


def _flaws(text: str) -> int:
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    in_words = sum(
        (sum(bool(script.search(word)) for script in _SCRIPTS) > 1)
        + bool(_CAPITAL_WITHIN.search(word))
        + bool(_HALF_WIDTH.search(word))
        + bool(regex.match(r"\p{Mn}", word))
        for word in words
    )
    return in_words + len(set(_SIGN_BETWEEN.findall(text))) + len(_DRAWN.findall(text))
