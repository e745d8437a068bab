"""Content of an input file, by its suffix: a Text, a Table or a Sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rnnviz.core.checks import check_printable, shown
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs.column import column_from_array
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.encode import check_array_size
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.source import (
    check_axes,
    check_cells,
    check_columns,
    check_signature,
    decompress_gzip,
    read_bytes,
)
from rnnviz.inputs.table import Table
from rnnviz.inputs.tokenise import is_special

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rnnviz.core.arrays import Array
    from rnnviz.inputs.decode import Decoded


_LOOKED_AT, _LINES = 20_000, 500  # characters and lines at the head of a text
_MIN_TELLING = 2
_PIECES = ("##", "▁", "Ġ")  # as WordPiece, SentencePiece and byte-level BPE mark them


@dataclass(frozen=True)
class Text:
    """Text of a file, all of its characters printable.

    encoding   charset that its bytes were in: "utf-8", "utf-16", "cp932", …
    decisions  what was decided in reading it: the charset, where its bytes leave a choice.

    >>> Text("hello", "a.txt").encoding
    'utf-8'
    """

    text: str
    name: str
    encoding: str = "utf-8"
    decisions: tuple[Decision, ...] = ()

    def __post_init__(self) -> None:
        check_printable(self.text)


Content = Text | Table | Sequence


def read_file(name: str, data: bytes | Path, how: FileFormat = AS_FOUND) -> Content:
    """Text, table or, for an array of three axes, Sequence in a file.

    name  its suffix, one of SUFFIXES, gives the format; text formats may add .gz.
    data  the bytes uploaded under that name, or the path to read.
    how   how the file is written, where the user says so.

    Raises InputError for a suffix, a size or a content that cannot be read;
    MissingLibraryError for .parquet without pyarrow.

    >>> read_file("a.txt", "静夜思".encode())
    Text(text='静夜思', name='a.txt', encoding='utf-8', decisions=())
    """
    suffix, _ = input_suffix(name)
    return _READERS[suffix](name, _content(name, data), how)


def _content(name: str, data: bytes | Path) -> bytes:
    """Bytes of the format itself, unpacked where they are zipped."""
    suffix, is_zipped = input_suffix(name)
    content = read_bytes(name, data)
    if is_zipped:
        check_signature(name, ".gz", content)
        content = decompress_gzip(name, content)
    check_signature(name, suffix, content)
    return content


def input_suffix(name: str) -> tuple[str, bool]:
    """Suffix of an input file's name without .gz, and True when it had that too.

    Raises InputError for a suffix that is not read.

    >>> input_suffix("a.csv.gz")
    ('.csv', True)
    """
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    is_zipped = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if is_zipped else suffixes[-1:])
    if suffix not in (_ZIPPED if is_zipped else SUFFIXES):
        raise InputError(
            "A file ending in {suffixes} was expected (text formats may add .gz), but “{name}”"
            " came; save it as one of these.",
            suffixes=" ".join(SUFFIXES),
            name=shown(name),
        )
    return suffix, is_zipped


def content_from_array(name: str, array: Array) -> Table | Sequence:
    """Table of an array (time,) or (time, feature), Sequence of (time, batch, feature).

    Raises InputError for dates with several axes and for too many columns.

    >>> import numpy as np
    >>> content_from_array("a.npy", np.ones((4, 2))).names
    ('x0', 'x1')
    """
    if array.ndim == 3:
        check_array_size(*array.shape)
        check_axes(name, *array.shape[1:])
        return Sequence(array)
    rows = array[:, None] if array.ndim == 1 else array
    check_columns(name, rows.shape[1])
    check_cells(name, rows.size)
    return Table(name, tuple(column_from_array(f"x{i}", part) for i, part in enumerate(rows.T)))


def content_from_arrays(name: str, arrays: Mapping[str, Array]) -> Table | Sequence:
    """Content of one array as of `content_from_array`, or a Table of several of one axis.

    Raises InputError for other mixtures, naming the arrays.

    >>> import numpy as np
    >>> content_from_arrays("a.npz", {"x": np.ones(3), "y": np.ones(3)}).names
    ('x', 'y')
    """
    if len(arrays) == 1:
        return content_from_array(name, next(iter(arrays.values())))
    if len({array.shape for array in arrays.values()}) > 1 or any(
        array.ndim > 1 for array in arrays.values()
    ):
        raise InputError(
            "“{name}” should hold one array, or several of one axis and equal length, but it"
            " holds {arrays}; save the one you mean.",
            name=shown(name),
            arrays=shown(", ".join(f"{k} {v.shape}" for k, v in arrays.items()), limit=200),
        )
    check_cells(name, sum(array.size for array in arrays.values()))
    return Table(name, tuple(column_from_array(title, part) for title, part in arrays.items()))


def _text(name: str, data: bytes, how: FileFormat) -> Text:
    return _as_text(name, _decode(name, data, how))


def _decode(name: str, data: bytes, how: FileFormat) -> Decoded:
    from rnnviz.inputs.decode import decode

    return decode(name, data, how.charset)


def _as_text(name: str, decoded: Decoded) -> Text:
    decisions = decoded.decisions
    if looks_like_vocabulary(decoded.text):
        decisions = (*decisions, Decision("vocabulary", "text", is_certain=False))
    return Text(decoded.text, name, decoded.encoding, decisions)


def looks_like_vocabulary(text: str) -> bool:
    """True for a text of a token a line, some of them special or pieces of words.

    >>> looks_like_vocabulary("[PAD]\\n[UNK]\\nthe\\n##ing\\ncat\\n")
    True
    """
    lines = text[:_LOOKED_AT].split("\n")[:_LINES]
    tokens = [line.rstrip("\r").split("\t")[0] for line in lines if line.strip()]
    n_special = sum(map(is_special, tokens))
    n_telling = n_special + sum(token.startswith(_PIECES) for token in tokens)
    # Sentences have spaces, and a web page is all tags.
    are_tokens = not any(" " in token.strip() for token in tokens) and 2 * n_special < len(tokens)
    return are_tokens and n_telling >= _MIN_TELLING and len(set(tokens)) == len(tokens)


def _csv(name: str, data: bytes, how: FileFormat) -> Table:
    from rnnviz.inputs.csv_table import read_csv

    decoded = _decode(name, data, how)
    # As large as the table: without them one of many rows fits into the bounds of its reading.
    del data
    text = [decoded.text]
    decoded = replace(decoded, text="")
    return _as_decoded(read_csv(name, text.pop(), decoded.encoding, how), decoded)


def _json(name: str, data: bytes, how: FileFormat) -> Text | Table:
    from rnnviz.inputs.json_table import read_json

    decoded = _decode(name, data, how)
    content = read_json(name, decoded.text, decoded.encoding, how)
    if isinstance(content, str):
        return _as_text(name, replace(decoded, text=content))
    return _as_decoded(content, decoded)


def _json_lines(name: str, data: bytes, how: FileFormat) -> Table:
    from rnnviz.inputs.json_table import read_json_lines

    decoded = _decode(name, data, how)
    return _as_decoded(read_json_lines(name, decoded.text, decoded.encoding, how), decoded)


def _as_decoded(table: Table, decoded: Decoded) -> Table:
    return replace(table, file_decisions=(*decoded.decisions, *table.file_decisions))


def _npy(name: str, data: bytes, how: FileFormat) -> Content:
    from rnnviz.inputs.npz import read_npy

    return content_from_array(name, read_npy(name, BytesIO(data)))


def _npz(name: str, data: bytes, how: FileFormat) -> Content:
    from rnnviz.inputs.npz import read_npz

    return content_from_arrays(name, read_npz(name, data))


def _parquet(name: str, data: bytes, how: FileFormat) -> Table:
    from rnnviz.inputs.parquet import read_parquet

    return read_parquet(name, data, how)


def _arrow(name: str, data: bytes, how: FileFormat) -> Table:
    from rnnviz.inputs.arrow_file import read_arrow

    return read_arrow(name, data, how)


def _workbook(name: str, data: bytes, how: FileFormat) -> Table:
    from rnnviz.inputs.workbook import read_workbook

    return read_workbook(name, data, how)


# Each imports its reader: a page that opens no file does without all of them.
_READERS: dict[str, Callable[[str, bytes, FileFormat], Content]] = {
    ".txt": _text,
    ".csv": _csv,
    ".tsv": _csv,
    # What measuring programs call a table of text.
    ".dat": _csv,
    ".tab": _csv,
    ".lvm": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".npy": _npy,
    ".npz": _npz,
    ".parquet": _parquet,
    ".feather": _arrow,
    ".arrow": _arrow,
    ".xlsx": _workbook,
    ".xlsm": _workbook,
    ".xls": _workbook,
    ".ods": _workbook,
}
SUFFIXES = tuple(_READERS)
UPLOAD_SUFFIXES = (*SUFFIXES, ".gz")
_ZIPPED = (".txt", ".csv", ".tsv", ".dat", ".tab", ".json", ".jsonl", ".ndjson")
