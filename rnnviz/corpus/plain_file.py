"""Parquet file of a sketch as plain values, which a bounded process may hand on.

The sums of tokens are most of a file; of a whole scan they are read for one signal, when they are
asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.libraries import optional_library
from rnnviz.errors import InputError, RnnvizError

SKETCH, ABOUT = "rnnviz", "rnnviz.scan"
TOKENS = ("tokens_0", "tokens_1")
# Metadata by key, and columns by name, (row, …): arrays, and texts as lists.
PlainSketch = tuple[dict[str, Any], dict[str, Any]]


def read_plain(source: Path | bytes, name: str, has_tokens: bool = False) -> PlainSketch:
    """Metadata and columns of a sketch's file, with the sums of tokens or without them.

    name  of the file, for the sentence on one that cannot be read.

    Raises InputError for a file that is damaged or no sketch.
    """
    with reading(name):
        file = _opened(source)
        told = file.schema_arrow.metadata
        keys = (key for key in (SKETCH, ABOUT) if key.encode() in told)
        metadata = {key: json.loads(told[key.encode()]) for key in keys}
        taken = [one for one in file.schema_arrow.names if has_tokens or one not in TOKENS]
        table = file.read(columns=taken, use_threads=False)
        return metadata, {one: _values(table.column(one)) for one in taken}


def read_token_sums(source: Path | bytes, name: str, signal: int) -> tuple[Array, Array]:
    """Sums of a signal's states over the steps of each token, (token, unit), of both parts.

    signal  its place among the signals of the file.

    Raises InputError as `read_plain` does.
    """
    with reading(name):
        table = _opened(source).read_row_group(signal, columns=list(TOKENS), use_threads=False)
        first, second = (np.asarray(_values(table.column(one)), float).T for one in TOKENS)
        return first, second


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Block that reads a sketch's file; whatever is wrong with it is one sentence."""
    try:
        yield
    except (RnnvizError, MemoryError):
        raise
    # Arrow's errors are of many kinds, and a file may be anything.
    except Exception as error:
        raise InputError(
            "“{name}” should be the corpus.parquet of a whole scan, but cannot be read as one; scan"
            " again with `rnnviz corpus`.",
            name=shown(name),
        ) from error


def _opened(source: Path | bytes) -> Any:
    arrow, parquet = optional_library("pyarrow"), optional_library("pyarrow.parquet")
    file = arrow.BufferReader(source) if isinstance(source, bytes) else source
    return parquet.ParquetFile(file, page_checksum_verification=True)


def _values(column: Any) -> Any:
    """Numbers of a column as an array, (row,) or (row, item); texts as lists."""
    chunk = column.combine_chunks()
    if not hasattr(chunk.type, "list_size"):
        return _plain(chunk)
    flat, size = _plain(chunk.flatten()), chunk.type.list_size
    if isinstance(flat, list):
        return [flat[i : i + size] for i in range(0, len(flat), size)]
    return flat.reshape(len(chunk), size)


def _plain(chunk: Any) -> Any:
    if optional_library("pyarrow").types.is_string(chunk.type):
        return chunk.to_pylist()
    return np.asarray(chunk.to_numpy(zero_copy_only=False))
