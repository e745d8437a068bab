"""Text of bytes: by its byte order mark, as UTF-8 or UTF-16, or in the likeliest older charset.

RFC 3629 (UTF-8), RFC 2781 (UTF-16), RFC 1468 (ISO-2022-JP), RFC 1557 (ISO-2022-KR),
RFC 1843 (HZ).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from rnnviz.core.checks import check_printable, shown
from rnnviz.errors import InputError
from rnnviz.inputs.charset import (
    NO_TEXT,
    familiar_share,
    guess_charset,
    ideograph_share,
    is_writing,
)
from rnnviz.inputs.decision import Decision

# The longer first: UTF-32's mark begins as that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_ESCAPES = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(", "iso2022_jp_ext"))
_WIDE = (("utf-32-le", "utf-32-be"), ("utf-16-le", "utf-16-be"))
_HZ = re.compile(rb"~\{(?:[!-w][!-~])+~\}")
_SNIFFED = 4_096
_MIN_FAMILIAR = 0.7
_MIN_IDEOGRAPHS = 0.9
_MIN_UNMARKED = 6
# What turns bytes into other than text, takes time that grows with the square, or is there on one
# system alone.
_NO_CHARSETS = {
    *(
        "base64",
        "bz2",
        "hex",
        "quopri",
        "rot13",
        "rot-13",
        "uu",
        "zlib",
        "undefined",
        "mbcs",
        "oem",
    ),
    *("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"),
}
_TRIED = 4
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x1b")) + b"\x7f"
_MAX_CONTROLS = 0.02
_UTF8_PAIR = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True)
class Decoded:
    """Text of bytes, all of its characters printable.

    encoding    charset that its bytes were in, as Python names it: "utf-8", "cp932", …
    options     charsets that give other texts, the likeliest first, `encoding` among them; empty
                where the bytes leave no choice.
    is_certain  False where another of them may be right.
    """

    text: str
    encoding: str = "utf-8"
    options: tuple[str, ...] = ()
    is_certain: bool = True

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The choice of the charset, where there was one."""
        if not self.options:
            return ()
        return (Decision("charset", self.encoding, self.options, is_certain=self.is_certain),)


def decode(name: str, data: bytes, charset: str | None = None) -> Decoded:
    """Text of a file's bytes in a charset; by default the one its bytes show or make likely.

    Raises InputError for binary content, for bytes that no charset or not this one fits, for UTF-8
    with other bytes among it, and for characters that cannot be shown.

    >>> decode("a.txt", "床前明月光".encode("gb18030")).text
    '床前明月光'
    >>> decode("a.txt", b"caf\\xe9", "latin-1").text
    'café'
    """
    # MS-DOS ended a file by Ctrl-Z.
    data = data.rstrip(b"\x1a") or data
    found = _unicode(name, data) if charset is None else _as_told(name, data, charset)
    if found is None:
        return _guessed(name, data)
    check_printable(found.text)
    return found


def _as_told(name: str, data: bytes, charset: str) -> Decoded:
    try:
        codec = codecs.lookup(charset).name
    except (LookupError, ValueError):
        codec = "undefined"
    if codec in _NO_CHARSETS:
        raise InputError(
            "The charset should be one that Python knows, such as cp1252, cp932 or gb18030, but"
            " “{came}” came; correct its name.",
            came=shown(charset),
        )
    try:
        return Decoded(_unmarked(data, codec), codec)
    except UnicodeDecodeError as error:
        raise InputError(
            "“{name}” should be text in {charset}, but its byte {position} is none of that charset;"
            " choose another charset.",
            name=shown(name),
            charset=codec,
            position=error.start + 1,
        ) from error


def _unmarked(data: bytes, codec: str) -> str:
    text = data.decode(codec)
    return text.removeprefix("\ufeff") if codec.startswith("utf") else text


def _unicode(name: str, data: bytes) -> Decoded | None:
    """Text of what shows its own charset; None where it has to be guessed."""
    for mark, encoding, codec in _MARKS:
        if data.startswith(mark):
            return _marked(name, data, encoding, codec)
    found = _escaped(data) if data.isascii() else None
    if found is None and (b"\0" in data or _is_binary(data)):
        found = _unmarked_wide(data)
    return found or _utf8(name, data)


def _marked(name: str, data: bytes, encoding: str, codec: str) -> Decoded:
    try:
        return Decoded(data.decode(codec), encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            "“{name}” begins with the mark of {charset}, but its byte {position} is none of that"
            " charset; save it again.",
            name=shown(name),
            charset=encoding.upper(),
            position=error.start + 1,
        ) from error


def _unmarked_wide(data: bytes) -> Decoded | None:
    """UTF-32 or UTF-16 without a mark, in the byte order that gives more familiar characters."""
    for byte_orders in _WIDE:
        texts = {codec: text for codec in byte_orders if (text := _text_in(data, codec))}
        shares = {codec: _familiar_share(text) for codec, text in texts.items()}
        if shares and max(shares.values()) > _MIN_FAMILIAR:
            # Of a single character either may be: bytes beside zeros are sooner a letter.
            codec = max(shares, key=lambda each: (shares[each], texts[each].isascii()))
            return Decoded(texts[codec], codec)
    return None


def _familiar_share(text: str) -> float:
    start = text[:_SNIFFED]
    return 0.0 if NO_TEXT.search(start) or not is_writing(start) else familiar_share(start)


def _escaped(data: bytes) -> Decoded | None:
    for escape, codec in _ESCAPES:
        if escape in data and (text := _text_in(data, codec)) is not None and "\x1b" not in text:
            return Decoded(text, codec)
    return _hz(data) if _HZ.search(data) else None


def _hz(data: bytes) -> Decoded | None:
    """Chinese between ~{ and ~}; the characters of bytes that only look so are seldom frequent."""
    text = _text_in(data, "hz")
    foreign = "" if text is None else "".join(mark for mark in text if not mark.isascii())
    if text is None or not foreign or ideograph_share(foreign) <= _MIN_IDEOGRAPHS:
        return None
    return Decoded(text, "hz", ("hz", "utf-8"))


def _utf8(name: str, data: bytes) -> Decoded | None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if b"\0" in data or _is_binary(data):
            raise _binary(name) from error
        _check_not_mostly_utf8(name, data, error.start)
        return None
    if _is_binary(data):
        raise _binary(name)
    return Decoded(text)


def _check_not_mostly_utf8(name: str, data: bytes, position: int) -> None:
    # Around the byte that is none, because the rest of the file may be long.
    near = data[max(0, position - 50_000) : position + 50_000]
    pairs = _UTF8_PAIR.sub(b"", near)
    n_other = sum(byte > 127 for byte in pairs)
    if len(_UTF8_PAIR.findall(near)) >= 3 * max(n_other, 1):
        raise InputError(
            "“{name}” should be text in one charset, but line {line} holds bytes that are not the"
            " UTF-8 of the rest; correct that line, or choose a charset.",
            name=shown(name),
            line=data.count(b"\n", 0, position) + 1,
        )


def _guessed(name: str, data: bytes) -> Decoded:
    ideographs = _unmarked_ideographs(data)
    if ideographs is not None:
        return ideographs
    guess = guess_charset(data, _first_foreign(data))
    for charset in guess.names[:_TRIED]:
        text = _text_in(data, charset)
        if text is not None and _is_printable(text):
            is_certain = guess.is_certain and charset == guess.names[0]
            return Decoded(text, charset, guess.names, is_certain)
    raise InputError(
        "“{name}” should be text, but its bytes fit no charset that is known here; save it as"
        " UTF-8.",
        name=shown(name),
    )


def _unmarked_ideographs(data: bytes) -> Decoded | None:
    """Chinese, Japanese or Korean UTF-16 without a mark, a blank or a line break."""
    for codec in _WIDE[1]:
        text = _text_in(data, codec)
        if text and len(text) >= _MIN_UNMARKED and _ideographs(text) and _is_printable(text):
            return Decoded(text, codec, (codec,), is_certain=False)
    return None


def _ideographs(text: str) -> bool:
    return ideograph_share(text[:_SNIFFED]) > _MIN_IDEOGRAPHS


def _first_foreign(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _text_in(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_printable(text: str) -> bool:
    try:
        check_printable(text)
    except InputError:
        return False
    return True


def _is_binary(data: bytes) -> bool:
    start = data[:1_000_000]
    return len(start) - len(start.translate(None, _CONTROLS)) > _MAX_CONTROLS * len(start) + 1


def _binary(name: str) -> InputError:
    return InputError(
        "“{name}” should be text, but its content is binary; save it as text in UTF-8.",
        name=shown(name),
    )
