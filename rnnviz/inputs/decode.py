"""Text decoding with detection of UTF-8, UTF-16 and GB18030."""

from __future__ import annotations

import codecs

import regex

from rnnviz.core.checks import check_printable, shown
from rnnviz.errors import InputError

_MIN_COMMON = 0.9  # share of characters that are common in Chinese
_SNIFFED_CHARACTERS = 100_000  # enough to tell a language from noise
_HAN = regex.compile(r"\p{Han}")
_PRIVATE = regex.compile(r"[\p{Co}\p{Cn}\ufffd]")


def decode(name: str, data: bytes) -> tuple[str, str]:
    """Text and its encoding: "utf-8", "utf-16" (with its byte order mark) or "gb18030".

    GB18030, which Chinese spreadsheets write, is accepted only when the text reads as Chinese.

    Raises InputError for any other encoding, and for characters that cannot be shown.

    >>> decode("a.txt", "床前明月光".encode("gb18030"))
    ('床前明月光', 'gb18030')
    """
    is_marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _is_chinese(text[:_SNIFFED_CHARACTERS]):
            check_printable(text)
            return text, encoding.removesuffix("-sig")
    raise InputError(
        "“{name}” should be text in UTF-8, but its bytes are in another encoding;"
        " save it as UTF-8.",
        name=shown(name),
    )


def _is_chinese(text: str) -> bool:
    foreign = "".join(mark for mark in text if not mark.isascii())
    # Bytes of European encodings also pair up, but to characters too rare for GB 2312.
    n_common = len(foreign.encode("gb2312", "ignore")) // 2
    is_common = n_common >= _MIN_COMMON * len(foreign)
    return is_common and bool(_HAN.search(foreign)) and not _PRIVATE.search(foreign)
