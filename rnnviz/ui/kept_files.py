"""Uploads that no link can carry: kept for a while, so that F5, Back and an opened link find them.

An address names such a file by its whole digest and its name; who has the address finds the file.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from rnnviz.errors import InputError
from rnnviz.ui.url import File, pack_file, unpack_file

# Bytes of all uploads together, those that sessions hold and those that are only kept.
MAX_UPLOADS = 500 * 2**20
MAX_KEPT = 250 * 2**20
MAX_AGE = 12 * 3600.0
_MAX_NAME = 200
_DAMAGED = "damaged"
_ADDRESS = re.compile(r"held-(?P<digest>[0-9a-f]{32})(?:~(?P<name>.*))?", re.DOTALL)
_HELD: WeakValueDictionary[int, File] = WeakValueDictionary()
_KEPT: OrderedDict[str, tuple[File, float]] = OrderedDict()
_LOCK = threading.Lock()


@dataclass(frozen=True)
class LostFile:
    """A file that an address names and the server no longer has; `name` may be "".

    digest  "" of what the address was to carry, and is damaged in it.
    """

    name: str
    digest: str


def keep_file(file: File) -> None:
    """Count an upload while any session holds it, and keep it for a while after.

    Raises InputError where all sessions together would hold more than MAX_UPLOADS.
    """
    with _LOCK:
        _KEPT.pop(file.digest, None)
        _forget_old()
        while _KEPT and _n_bytes_with(file) > MAX_UPLOADS:
            _KEPT.popitem(last=False)
        if _n_bytes_with(file) > MAX_UPLOADS:
            raise InputError(
                "The server holds uploads of {bound} MB for everyone, and with “{name}” it would"
                " be more; try again later or choose a smaller file.",
                bound=MAX_UPLOADS >> 20,
                name=file.name,
            )
        _HELD[id(file)] = file
        _KEPT[file.digest] = file, time.monotonic()
        while sum(one.size for one, _ in _KEPT.values()) > MAX_KEPT:
            _KEPT.popitem(last=False)


def file_address(file: File | LostFile | None) -> str:
    """A small file as text for the URL; of a larger one, or of several, its digest and its name.

    >>> file_address(File("a.csv", b"x")) == pack_file(File("a.csv", b"x"))
    True
    """
    if file is None:
        return ""
    if not file.digest:
        return _DAMAGED
    packed = pack_file(file) if isinstance(file, File) else ""
    return packed or f"held-{file.digest}~{file.name[:_MAX_NAME]}"


def file_at(address: str) -> File | LostFile:
    """The file that an address carries or names. Raises ValueError for any other text.

    >>> file_at(f"held-{'0' * 32}~a.csv")
    LostFile(name='a.csv', digest='00000000000000000000000000000000')
    """
    named = _ADDRESS.fullmatch(address)
    if named is None:
        return unpack_file(address)
    digest, name = named["digest"], (named["name"] or "")[:_MAX_NAME]
    kept = _found(digest)
    if kept is None:
        return LostFile(name, digest)
    if name in ("", kept.name[:_MAX_NAME]):
        return kept
    renamed = replace(kept, name=name)
    with _LOCK:
        _HELD[id(renamed)] = renamed
    return renamed


def _found(digest: str) -> File | None:
    with _LOCK:
        _forget_old()
        if digest in _KEPT:
            file, _ = _KEPT.pop(digest)
            _KEPT[digest] = file, time.monotonic()
            return file
        return next((one for one in _HELD.values() if one.digest == digest), None)


def _forget_old() -> None:
    oldest = time.monotonic() - MAX_AGE
    for digest in [digest for digest, (_, since) in _KEPT.items() if since < oldest]:
        del _KEPT[digest]


def n_bytes_uploaded() -> int:
    """Bytes of all uploads, one that several hold counted once."""
    with _LOCK:
        return sum({one.digest: one.size for one in _HELD.values()}.values())


def _n_bytes_with(file: File) -> int:
    """Bytes of all uploads and this one, one that several hold counted once."""
    return sum({one.digest: one.size for one in (*_HELD.values(), file)}.values())
