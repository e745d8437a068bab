"""What a file is by its first bytes, whatever its name says.

The signatures are those of each format's specification; a text has none.
"""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

_FORMATS = {
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
    b"SQLite format 3\x00": "SQLite",
}
_BY_SUFFIX = {".npy": "NumPy", ".npz": "ZIP", ".parquet": "Parquet", ".gz": "gzip"}


def check_signature(name: str, suffix: str, data: bytes) -> None:
    """Nothing, when the first bytes agree with the suffix.

    Raises InputError that says what the file is.

    >>> check_signature("a.csv", ".csv", b"x,y")
    """
    wanted, came = _BY_SUFFIX.get(suffix), _format(data)
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


def _format(data: bytes) -> str | None:
    return next((name for start, name in _FORMATS.items() if data.startswith(start)), None)
