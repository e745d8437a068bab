"""Lists and small files in the URL; nothing that is read from it is executed."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

MAX_URL_FILE = 2_000_000
MAX_URL_TEXT = 8_000


@dataclass(frozen=True)
class File:
    """An uploaded file: its name, its bytes, and a digest that stands for all of it.

    beside  files that were uploaded with it.
    """

    name: str
    data: bytes = field(repr=False)
    beside: tuple[File, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        content = blake2b(self.data, digest_size=16)
        for each in self.beside:
            content.update(f"{each.name}\0{each.digest}".encode(errors="surrogatepass"))
        object.__setattr__(self, "digest", content.hexdigest())

    @property
    def size(self) -> int:
        """Bytes of the file and of those beside it."""
        return len(self.data) + sum(each.size for each in self.beside)


def write_names(names: list[str]) -> str:
    """Names as the URL carries them: a JSON list.

    >>> read_names(write_names(["a,b", "c"]))
    ['a,b', 'c']
    """
    return json.dumps(names, ensure_ascii=False, separators=(",", ":"))


def read_names(text: str) -> list[str]:
    """Names from the URL. Raises ValueError for anything but a JSON list of strings."""
    try:
        names = whole(json.loads(text))
    except RecursionError as error:
        raise ValueError(text) from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(text)
    return names


def write_settings(settings: dict[str, Any]) -> str:
    """Settings of a lesson's controls as the URL carries them.

    >>> read_settings(write_settings({"reset": 1.0, "update": None}))
    {'reset': 1.0, 'update': None}
    """
    return json.dumps(settings, ensure_ascii=False, separators=(",", ":"))


def read_settings(text: str) -> dict[str, Any]:
    """Settings from the URL. Raises ValueError for anything but numbers, words and null by name."""
    try:
        settings = whole(json.loads(text))
    except RecursionError as error:
        raise ValueError(text) from error
    is_plain = isinstance(settings, dict) and all(
        value is None or isinstance(value, int | float | str) for value in settings.values()
    )
    if not is_plain:
        raise ValueError(text)
    return dict(settings)


def whole(value: Any) -> Any:
    """The value. Raises ValueError where it holds half a character, which no address can say."""
    json.dumps(value, ensure_ascii=False).encode()
    return value


def pack_file(file: File | None) -> str:
    """A small file as text for the URL; empty where a link cannot carry it: large, or several.

    >>> unpack_file(pack_file(File("a.csv", b"x"))) == File("a.csv", b"x")
    True
    """
    if file is None or file.beside or len(file.data) > MAX_URL_FILE:
        return ""
    packed = base64.urlsafe_b64encode(zlib.compress(file.data, 9)).decode().rstrip("=")
    return f"{packed}~{file.name}" if len(packed) <= MAX_URL_TEXT else ""


def unpack_file(text: str) -> File:
    """A file from the URL. Raises ValueError for what `pack_file` did not write."""
    packed, mark, name = text.partition("~")
    if not mark or len(packed) > MAX_URL_TEXT:
        raise ValueError(text)
    try:
        return File(name, _unpacked(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
    except (binascii.Error, zlib.error) as error:
        raise ValueError(text) from error


def _unpacked(data: bytes) -> bytes:
    # A few kilobytes can unpack to gigabytes, so no more than a bound is ever unpacked.
    engine = zlib.decompressobj()
    unpacked = engine.decompress(data, MAX_URL_FILE)
    if engine.unconsumed_tail or not engine.eof:
        raise ValueError("larger than a link may carry")
    return unpacked
