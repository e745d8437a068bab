"""Input files read in a bounded process, as `rnnviz.bounded` runs it."""

from __future__ import annotations

from pathlib import Path

from rnnviz.bounded.limits import is_small_and_plain, reading_limits
from rnnviz.bounded.run import run_bounded
from rnnviz.errors import InputError
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.files import Content, input_suffix, read_file
from rnnviz.inputs.source import read_bytes

# Seconds of a megabyte, three times what one costs: a table's cells are parsed one by one, an array
# is copied, and a workbook is XML of ten times its size.
_TEXT_SECONDS = 0.12
_PACKED_SECONDS = 0.2
_SECONDS = {
    **dict.fromkeys((".npy", ".npz"), 0.05),
    **dict.fromkeys((".parquet", ".feather", ".arrow"), 0.1),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), 0.5),
}
_MODULES = {
    **dict.fromkeys((".parquet", ".feather", ".arrow"), ("pyarrow.parquet",)),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), ("python_calamine",)),
    # What guesses the charset of their bytes.
    **dict.fromkeys(
        (".txt", ".csv", ".tsv", ".dat", ".tab", ".lvm", ".json", ".jsonl", ".ndjson"), ("chardet",)
    ),
}


def read_file_bounded(
    name: str, data: bytes | Path, bounded: bool | None = True, how: FileFormat = AS_FOUND
) -> Content:
    """Content of a file as `read_file` reads it, in a bounded process.

    bounded  False to read it in this process; None to do so where it is small and plain.

    Raises InputError as `read_file` does, and where it takes too much time or memory.

    >>> read_file_bounded("a.txt", b"hello").text
    'hello'
    """
    suffix, is_zipped = input_suffix(name)
    content = read_bytes(name, data)
    if not (not is_small_and_plain(content) if bounded is None else bounded):
        return read_file(name, content, how)
    return run_bounded(
        read_file,
        name,
        content,
        how,
        name=name,
        error=InputError,
        limits=reading_limits(
            len(content),
            _PACKED_SECONDS if is_zipped else _SECONDS.get(suffix, _TEXT_SECONDS),
        ),
        modules=_MODULES.get(suffix, ()),
    )
