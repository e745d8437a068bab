"""A file's bytes, from a path or an upload, never more than is bounded."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

MAX_BYTES = 50_000_000
MAX_UNPACKED = 200_000_000
_CHUNK = 1_000_000


def load(name: str, data: bytes | Path) -> bytes:
    """The file's bytes as they are on disk or were uploaded.

    Raises InputError for a file that is missing, empty, not a plain file or above MAX_BYTES;
    a path's size is asked before it is read.

    >>> load("a.txt", b"hello")
    b'hello'
    """
    size = _size(name, data) if isinstance(data, Path) else len(data)
    if size > MAX_BYTES:
        raise InputError(
            "A file may be {bound} bytes large, but “{name}” has {came}; choose a part of it.",
            bound=MAX_BYTES,
            name=shown(name),
            came=size,
        )
    if not size:
        raise InputError("“{name}” is empty; choose a file with content.", name=shown(name))
    return _read(name, data) if isinstance(data, Path) else bytes(data)


def unzipped(name: str, data: bytes) -> bytes:
    """What a gzip file holds, measured in small pieces before it is kept.

    Raises InputError for a damaged file and above MAX_UNPACKED bytes.

    >>> unzipped("a.txt.gz", gzip.compress(b"hello"))
    b'hello'
    """
    try:
        _check_unpacked(name, data)
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            "“{name}” should be a complete gzip file, but it is damaged; compress it again.",
            name=shown(name),
        ) from error


def check_unpacked(name: str, size: int) -> None:
    """Nothing, when this many unpacked bytes may be kept.

    Raises InputError above MAX_UNPACKED.

    >>> check_unpacked("a.npy", 8)
    """
    if size > MAX_UNPACKED:
        raise InputError(
            "A file may unpack to {bound} bytes, but “{name}” is larger; choose a part of it.",
            bound=MAX_UNPACKED,
            name=shown(name),
        )


def _check_unpacked(name: str, data: bytes) -> None:
    size = 0
    with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            check_unpacked(name, size)


def _size(name: str, path: Path) -> int:
    if path.is_dir():
        raise InputError(
            "A file was expected, but “{name}” is a folder; choose a file in it.", name=shown(name)
        )
    if not path.is_file():
        raise InputError(
            "“{name}” should be a file, but there is none; check the path.", name=shown(name)
        )
    return path.stat().st_size


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "“{name}” cannot be read ({reason}); check its permissions.",
            name=shown(name),
            reason=type(error).__name__,
        ) from error
