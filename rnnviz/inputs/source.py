"""Bytes of an input file from a path or an upload, and the bounds on their size and content."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

MAX_BYTES = 50_000_000
MAX_UNPACKED = 200_000_000
MAX_CELLS = 5_000_000
MAX_COLUMNS = 1_000
MAX_AXIS = 50_000  # batch rows, or features, of an array; each has a name
_CHUNK = 1_000_000
_GZIP_MEMBER = b"\x1f\x8b\x08"
_MAX_GZIP_MEMBERS = 10_000
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"%PDF-": "PDF",
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "Excel 97 (.xls)",
    b"\x93NUMPY": "NumPy",
    b"\x89HDF\r\n\x1a\n": "HDF5",
    b"PAR1": "Parquet",
    b"ARROW1\x00\x00": "Arrow",
    b"\xff\xff\xff\xff": "Arrow",
    b"SQLite format 3\x00": "SQLite",
}
WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".ods")
_BY_SUFFIX = {
    ".npy": "NumPy",
    ".npz": "ZIP",
    ".xlsx": "ZIP",
    ".xlsm": "ZIP",
    ".ods": "ZIP",
    ".xls": "Excel 97 (.xls)",
    ".parquet": "Parquet",
    ".feather": "Arrow",
    ".arrow": "Arrow",
    ".gz": "gzip",
}


def read_bytes(name: str, data: bytes | Path) -> bytes:
    """Bytes of a file, on disk or uploaded.

    Raises InputError for a file that is missing, empty, not a plain file or above MAX_BYTES; the
    size is checked before a path is read.

    >>> read_bytes("a.txt", b"hello")
    b'hello'
    """
    size = _file_size(name, data) if isinstance(data, Path) else len(data)
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


def decompress_gzip(name: str, data: bytes) -> bytes:
    """Content of a gzip file, measured in chunks before it is kept.

    Raises InputError for a damaged file and above MAX_UNPACKED bytes.

    >>> decompress_gzip("a.txt.gz", gzip.compress(b"hello"))
    b'hello'
    """
    try:
        _check_gzip_size(name, data)
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            "“{name}” should be a complete gzip file, but it is damaged; compress it again.",
            name=shown(name),
        ) from error


def check_unpacked_size(name: str, size: int) -> None:
    """Raise InputError for more than MAX_UNPACKED bytes.

    >>> check_unpacked_size("a.npy", 8)
    """
    if size > MAX_UNPACKED:
        raise InputError(
            "A file may unpack to {bound} bytes, but “{name}” is larger; choose a part of it.",
            bound=MAX_UNPACKED,
            name=shown(name),
        )


def check_cells(name: str, n_cells: int) -> None:
    """Raise InputError for a table of more than MAX_CELLS cells.

    >>> check_cells("a.csv", 100)
    """
    if n_cells > MAX_CELLS:
        raise InputError(
            "A table may hold {bound} values, but “{name}” has more; choose a part of it.",
            bound=MAX_CELLS,
            name=shown(name),
        )


def check_columns(name: str, n_columns: int) -> None:
    """Raise InputError for a table of more than MAX_COLUMNS columns.

    >>> check_columns("a.csv", 3)
    """
    if n_columns > MAX_COLUMNS:
        raise InputError(
            "A table may have {bound} columns, but “{name}” has {came}; save it with fewer.",
            bound=MAX_COLUMNS,
            name=shown(name),
            came=n_columns,
        )


def check_axes(name: str, n_rows: int, n_features: int) -> None:
    """Raise InputError for an array of more than MAX_AXIS batch rows or features.

    >>> check_axes("a.npy", 1, 100)
    """
    if max(n_rows, n_features) > MAX_AXIS:
        raise InputError(
            "An array (time, batch, feature) may have {bound} rows and features, but “{name}” has"
            " {n_rows} rows and {n_features} features; choose a part of it.",
            bound=MAX_AXIS,
            name=shown(name),
            n_rows=n_rows,
            n_features=n_features,
        )


def check_signature(name: str, suffix: str, data: bytes) -> None:
    """Raise InputError, naming the format found, unless the first bytes agree with the suffix.

    >>> check_signature("a.csv", ".csv", b"x,y")
    """
    wanted, came = _BY_SUFFIX.get(suffix), _format(data)
    # Workbooks of another kind are read as what they are.
    if suffix in WORKBOOKS and came in (_BY_SUFFIX[".xls"], _BY_SUFFIX[".xlsx"]):
        return
    if suffix in WORKBOOKS and came is None and not _is_binary(data):
        raise InputError(
            "“{name}” ends in {suffix}, but its content is a web page or a text, as some banks"
            " and programs write it; open it in Excel and save it as .xlsx, or name a table of"
            " plain text .csv.",
            name=shown(name),
            suffix=suffix,
        )
    if came is not None and came != wanted:
        raise InputError(
            "“{name}” ends in {suffix}, but its content is {came};"
            " save it as {suffix} or choose another file.",
            name=shown(name),
            suffix=suffix,
            came=came,
        )
    if came != wanted:
        raise InputError(
            "“{name}” ends in {suffix}, but its content is not {wanted};"
            " save it again or choose another file.",
            name=shown(name),
            suffix=suffix,
            wanted=wanted,
        )


def _check_gzip_size(name: str, data: bytes) -> None:
    # A file has one member, or as bgzip writes it one for every 64 kB.
    if data.count(_GZIP_MEMBER) > _MAX_GZIP_MEMBERS:
        raise EOFError
    size = 0
    with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            check_unpacked_size(name, size)


def _file_size(name: str, path: Path) -> int:
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


def _is_binary(data: bytes) -> bool:
    return b"\0" in data[:_CHUNK] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _format(data: bytes) -> str | None:
    return next((name for start, name in _SIGNATURES.items() if data.startswith(start)), None)
