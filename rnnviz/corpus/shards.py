"""Shards of a corpus: ranges of text files, rows of Parquet files and of Hugging Face datasets."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from rnnviz.core.checks import shown
from rnnviz.core.libraries import optional_library
from rnnviz.corpus.text_files import is_plain_text, is_text_table, text_files
from rnnviz.errors import InputError

SHARD_BYTES = 1_000_000
_LEAST_BYTES, _SHARDS = 100_000, 24
_LONGEST_LINE = 100_000
_REPLACED = "\ufffd"
_COUNTED, _BATCH_ROWS = 1 << 20, 1024

ShardKind = Literal["text", "parquet", "arrow"]


@dataclass(frozen=True)
class Shard:
    """A part of a corpus: a range of one text, or texts of a table.

    start, stop  bytes of a text file, unpacked where it is gzip; rows of a row group of a Parquet
                 file; rows of an Arrow file.
    n_bytes      about what is read.
    column       of a table, "" for a text file.
    row_group    of a Parquet file.
    """

    kind: ShardKind
    path: str
    start: int
    stop: int
    n_bytes: int
    column: str = ""
    row_group: int = 0

    def texts(self) -> list[str]:
        """Texts of the shard: a table's row is one; a file is one, of which this may be a part."""
        return self.read()[0]

    def read(self) -> tuple[list[str], int]:
        """Texts of the shard, and how often bytes that are no UTF-8 became a replacement sign."""
        if self.kind == "text":
            with _opened(Path(self.path)) as file:
                file.seek(self.start)
                data = file.read(self.stop - self.start)
            text = data.decode("utf-8", errors="replace")
            return [text], text.count(_REPLACED) - data.count(_REPLACED.encode())
        read = _parquet_texts if self.kind == "parquet" else _arrow_texts
        return [text for text in read(self) if text], 0

    def before(self, n_bytes: int) -> str:
        """Text that a file has before the shard, of about so many bytes; "" for tables."""
        if self.kind != "text" or not self.start:
            return ""
        start = max(0, self.start - n_bytes)
        with _opened(Path(self.path)) as file:
            file.seek(start)
            # A character cut in half at the start is left out.
            return file.read(self.start - start).decode("utf-8", errors="ignore")


def shards_of(source: str | Path, *, column: str = "", n_bytes: int | None = None) -> list[Shard]:
    """Shards of a file or a folder, in the order of the names, each of about so many bytes.

    source   a .txt, .txt.gz, .parquet or .arrow file, or a folder of them, as `datasets` saves one.
    column   of the texts in a table: by default "text", or its only column of texts.
    n_bytes  by default what the size of the corpus makes them (`shard_bytes`).

    Raises InputError for a place without such files, and a table without such a column.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("one\\ntwo\\n")
    ...     [shard.texts() for shard in shards_of(folder, n_bytes=2)]
    [['one\\n'], ['two\\n']]
    """
    files = text_files(Path(source)).read
    if column and not any(map(is_text_table, files)):
        raise InputError(
            "“{name}” holds files of text alone, which have no column “{column}”; leave out"
            " --column, in Python column=.",
            name=shown(str(source)),
            column=shown(column),
        )
    sizes = {path: _size(path, column) for path in files}
    each = shard_bytes(sum(sizes.values())) if n_bytes is None else n_bytes
    shards = [shard for path, size in sizes.items() for shard in _shards(path, size, column, each)]
    if not shards:
        raise InputError(
            "“{name}” should hold texts to read, but they are all empty; choose other files.",
            name=shown(str(source)),
        )
    return shards


def shard_bytes(n_bytes: int) -> int:
    """Bytes of a shard of a corpus of so many, whoever reads it.

    So many shards that several workers end together; not so many that their sketches, and the steps
    that warm rows up, cost more than is won.

    >>> [shard_bytes(10**power) for power in (4, 6, 7, 9)]
    [100000, 100000, 416666, 1000000]
    """
    return min(max(n_bytes // _SHARDS, _LEAST_BYTES), SHARD_BYTES)


def _shards(path: Path, size: int, column: str, n_bytes: int) -> Iterator[Shard]:
    if is_plain_text(path):
        yield from _text_shards(path, size, n_bytes)
    elif path.suffix.lower() == ".parquet":
        yield from _parquet_shards(path, column, n_bytes)
    else:
        yield from _arrow_shards(path, column, n_bytes)


def _size(path: Path, column: str) -> int:
    """Bytes of a file's texts, unpacked."""
    if is_plain_text(path):
        return _text_size(path)
    of_table = _parquet_shards if path.suffix.lower() == ".parquet" else _arrow_shards
    return sum(shard.n_bytes for shard in of_table(path, column, SHARD_BYTES))


def _opened(path: Path) -> BinaryIO:
    try:
        if path.suffix.lower() == ".gz":
            return cast(BinaryIO, gzip.open(path))
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        "“{name}” cannot be read ({reason}); leave it out or save it again.",
        name=shown(str(path)),
        reason=shown(getattr(error, "strerror", None) or str(error), 100),
    )


def _text_shards(path: Path, size: int, n_bytes: int) -> Iterator[Shard]:
    """Ranges that end where a line ends."""
    try:
        with _opened(path) as file:
            start, count = 0, math.ceil(size / n_bytes)
            for stop in (size * i // count for i in range(1, count + 1)):
                if start <= stop < size:
                    file.seek(stop)
                    stop += len(_line(file))
                if start < stop:
                    yield Shard("text", str(path), start, stop, stop - start)
                    start = stop
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error


def _line(file: BinaryIO) -> bytes:
    """The rest of a line, or as much of a long one as ends with a whole character."""
    line = file.readline(_LONGEST_LINE)
    if line.endswith(b"\n"):
        return line
    # At most three bytes go on with a character.
    following = file.read(3)
    whole = following.lstrip(bytes(range(0x80, 0xC0)))
    return line + following[: len(following) - len(whole)]


def _text_size(path: Path) -> int:
    try:
        if path.suffix.lower() != ".gz":
            return path.stat().st_size
        with _opened(path) as file:
            return sum(len(block) for block in iter(lambda: file.read(_COUNTED), b""))
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error


def _parquet_shards(path: Path, column: str, n_bytes: int) -> Iterator[Shard]:
    file = _parquet_file(path)
    name = _text_column(file.schema_arrow, column, path)
    place = file.schema_arrow.names.index(name)
    for group in range(file.num_row_groups):
        metadata = file.metadata.row_group(group)
        size = metadata.column(place).total_uncompressed_size
        for start, stop, part in _even(metadata.num_rows, size, n_bytes):
            yield Shard("parquet", str(path), start, stop, part, name, group)


def _arrow_shards(path: Path, column: str, n_bytes: int) -> Iterator[Shard]:
    reader = _arrow_reader(path)
    name = _text_column(reader.schema, column, path)
    parts = [(len(batch), batch.column(name).nbytes) for batch in reader]
    n_rows, size = (sum(numbers) for numbers in zip(*parts, strict=True)) if parts else (0, 0)
    for start, stop, part in _even(n_rows, size, n_bytes):
        yield Shard("arrow", str(path), start, stop, part, name)


def _even(n_rows: int, size: int, n_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Ranges of rows of like length, and about the bytes of each."""
    count = min(max(math.ceil(size / n_bytes), 1), n_rows)
    for start, stop in pairwise([n_rows * i // count for i in range(count + 1)] if n_rows else []):
        yield start, stop, size // count


def _text_column(schema: Any, column: str, path: Path) -> str:
    texts = [field.name for field in schema if str(field.type) in ("string", "large_string")]
    wanted = column or ("text" if "text" in texts else texts[0] if len(texts) == 1 else "")
    if wanted not in texts:
        raise InputError(
            "“{name}” should have a column of texts to read, but has {columns}; name one with"
            " --column, in Python column=.",
            name=shown(str(path)),
            columns=", ".join(map(shown, texts[:10])) or "none",
        )
    return wanted


def _parquet_file(path: Path) -> Any:
    parquet = optional_library("pyarrow.parquet")
    try:
        return parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _arrow_reader(path: Path) -> Any:
    """Batches of a file, streamed as `datasets` writes it, or with a footer."""
    arrow = optional_library("pyarrow")
    try:
        mapped = arrow.memory_map(str(path))
        try:
            return arrow.ipc.open_stream(mapped)
        except arrow.ArrowInvalid:
            file = arrow.ipc.open_file(mapped)
            batches = [file.get_batch(i) for i in range(file.num_record_batches)]
            return arrow.RecordBatchReader.from_batches(file.schema, batches)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _parquet_texts(shard: Shard) -> Iterator[str | None]:
    file = _parquet_file(Path(shard.path))
    batches = file.iter_batches(_BATCH_ROWS, row_groups=[shard.row_group], columns=[shard.column])
    yield from _rows(shard, batches)


def _arrow_texts(shard: Shard) -> Iterator[str | None]:
    yield from _rows(shard, _arrow_reader(Path(shard.path)))


def _rows(shard: Shard, batches: Any) -> Iterator[str | None]:
    """Texts of a shard's rows among those of batches."""
    first = 0
    for batch in batches:
        start, stop = max(shard.start - first, 0), min(shard.stop - first, len(batch))
        if start < stop:
            yield from batch.column(shard.column).slice(start, stop - start).to_pylist()
        first += len(batch)
        if first >= shard.stop:
            return
