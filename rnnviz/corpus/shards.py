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
from rnnviz.errors import InputError

SHARD_BYTES = 1_000_000
_LONGEST_LINE = 100_000
_COUNTED = 1 << 20
_TEXTS = (".txt", ".txt.gz")
_TABLES = (".parquet", ".arrow")

ShardKind = Literal["text", "parquet", "arrow"]


@dataclass(frozen=True)
class Shard:
    """A part of a corpus that is read as one text.

    start, stop  bytes of a text file, unpacked where it is gzip; rows of a row group of a Parquet
                 file; record batches of an Arrow file.
    column       of a table, "" for a text file.
    row_group    of a Parquet file.
    """

    kind: ShardKind
    path: str
    start: int
    stop: int
    column: str = ""
    row_group: int = 0

    def text(self) -> str:
        """Text of the shard; texts of a table's rows with an empty line between them."""
        if self.kind == "text":
            with _opened(Path(self.path)) as file:
                file.seek(self.start)
                return file.read(self.stop - self.start).decode("utf-8", errors="replace")
        read = _parquet_texts if self.kind == "parquet" else _arrow_texts
        return "\n\n".join(text for text in read(self) if text)

    def before(self, n_bytes: int) -> str:
        """Text that a file has before the shard, of about so many bytes; "" for tables."""
        if self.kind != "text" or not self.start:
            return ""
        start = max(0, self.start - n_bytes)
        with _opened(Path(self.path)) as file:
            file.seek(start)
            # A character cut in half at the start is left out.
            return file.read(self.start - start).decode("utf-8", errors="ignore")


def shards_of(source: str | Path, *, column: str = "", n_bytes: int = SHARD_BYTES) -> list[Shard]:
    """Shards of a file or a folder, in the order of the names, each of about so many bytes.

    source  a .txt, .txt.gz, .parquet or .arrow file, or a folder of them, as `datasets` saves one.
    column  of the texts in a table: by default "text", or its only column of texts.

    Raises InputError for a place without such files, and a table without such a column.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("one\\ntwo\\n")
    ...     [shard.text() for shard in shards_of(folder, n_bytes=2)]
    ['one\\n', 'two\\n']
    """
    shards = [shard for path in _files(Path(source)) for shard in _shards(path, column, n_bytes)]
    if not shards:
        raise InputError(
            "“{name}” should hold texts to read, but they are all empty; choose other files.",
            name=shown(str(source)),
        )
    return shards


def _files(source: Path) -> list[Path]:
    files = sorted(source.rglob("*")) if source.is_dir() else [source]
    known = [path for path in files if path.name.endswith((*_TEXTS, *_TABLES)) and path.is_file()]
    if not known:
        raise InputError(
            "A corpus is .txt, .txt.gz, .parquet or .arrow files, or a folder of them, but “{name}”"
            " has none; give the path of such files.",
            name=shown(str(source)),
        )
    return known


def _shards(path: Path, column: str, n_bytes: int) -> Iterator[Shard]:
    if path.name.endswith(_TEXTS):
        yield from _text_shards(path, n_bytes)
    elif path.suffix == ".parquet":
        yield from _parquet_shards(path, column, n_bytes)
    else:
        yield from _arrow_shards(path, column, n_bytes)


def _opened(path: Path) -> BinaryIO:
    try:
        if path.suffix == ".gz":
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


def _text_shards(path: Path, n_bytes: int) -> Iterator[Shard]:
    """Ranges that end where a line ends."""
    try:
        size = _size(path)
        with _opened(path) as file:
            start = 0
            while start < size:
                stop = min(start + n_bytes, size)
                if stop < size:
                    file.seek(stop)
                    stop += len(file.readline(_LONGEST_LINE))
                yield Shard("text", str(path), start, stop)
                start = stop
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error


def _size(path: Path) -> int:
    if path.suffix != ".gz":
        return path.stat().st_size
    with _opened(path) as file:
        return sum(len(block) for block in iter(lambda: file.read(_COUNTED), b""))


def _parquet_shards(path: Path, column: str, n_bytes: int) -> Iterator[Shard]:
    file = _parquet_file(path)
    name = _text_column(file.schema_arrow, column, path)
    place = file.schema_arrow.names.index(name)
    for group in range(file.num_row_groups):
        metadata = file.metadata.row_group(group)
        n_rows = metadata.num_rows
        size = metadata.column(place).total_uncompressed_size
        for start, stop in _even(n_rows, math.ceil(size / n_bytes)):
            yield Shard("parquet", str(path), start, stop, name, group)


def _arrow_shards(path: Path, column: str, n_bytes: int) -> Iterator[Shard]:
    reader = _arrow_reader(path)
    name = _text_column(reader.schema, column, path)
    sizes = [batch.column(name).nbytes for batch in reader]
    for start, stop in _even(len(sizes), math.ceil(sum(sizes) / n_bytes)):
        yield Shard("arrow", str(path), start, stop, name)


def _even(length: int, count: int) -> Iterator[tuple[int, int]]:
    count = min(max(count, 1), length)
    edges = [length * i // count for i in range(count + 1)] if length else []
    return pairwise(edges)


def _text_column(schema: Any, column: str, path: Path) -> str:
    texts = [field.name for field in schema if str(field.type) in ("string", "large_string")]
    wanted = column or ("text" if "text" in texts else texts[0] if len(texts) == 1 else "")
    if wanted not in texts:
        raise InputError(
            "“{name}” should have a column of texts to read, but has {columns}; name one with"
            " column=.",
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


def _parquet_texts(shard: Shard) -> list[str | None]:
    table = _parquet_file(Path(shard.path)).read_row_group(shard.row_group, [shard.column])
    texts: list[str | None] = table.column(shard.column)[shard.start : shard.stop].to_pylist()
    return texts


def _arrow_texts(shard: Shard) -> Iterator[str | None]:
    for number, batch in enumerate(_arrow_reader(Path(shard.path))):
        if shard.start <= number < shard.stop:
            yield from batch.column(shard.column).to_pylist()
