"""A scan's file whose bytes were overwritten: a checksum tells, where the reader would not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import rnnviz as rv
from rnnviz.errors import InputError


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A whole scan's file."""
    folder = tmp_path_factory.mktemp("scan")
    (folder / "a.txt").write_text("abba" * 300, "utf-8")
    model = rv.random_model("gru", 2, 5).with_vocabulary(("a", "b"))
    rv.corpus.scan(model, folder / "a.txt", folder / "out")
    return (folder / "out" / "corpus.parquet").read_bytes()


def damaged(whole: bytes, name: str) -> bytes:
    """The file with a bit of a column changed, so that other numbers are read without a word."""
    metadata = pq.ParquetFile(io.BytesIO(whole)).metadata
    group = metadata.row_group(0)
    chunks = (group.column(number) for number in range(metadata.num_columns))
    chunk = next(one for one in chunks if one.path_in_schema.partition(".")[0] == name)
    stop = chunk.data_page_offset + chunk.total_compressed_size
    told = _column(whole, name)
    for place in reversed(range(chunk.data_page_offset, stop)):
        other = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        try:
            came = _column(other, name)
        except (OSError, ValueError):
            continue
        if came.shape == told.shape and not np.array_equal(came, told):
            return other
    raise AssertionError(name)


def _column(data: bytes, name: str) -> Any:
    return np.array(pq.ParquetFile(io.BytesIO(data)).read(columns=[name])[name].to_pylist())


def test_other_numbers_in_what_is_read_first_are_refused(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "corpus.parquet"
    for name in ("mean_0", "histogram", "highest_values"):
        path.write_bytes(damaged(whole, name))
        with pytest.raises(InputError, match="of a whole scan, but cannot be read"):
            rv.corpus.open(path)


def test_other_numbers_in_what_is_read_when_it_is_asked_for_are_refused_then(
    whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "corpus.parquet"
    path.write_bytes(damaged(whole, "tokens_1"))
    scan = rv.corpus.open(path)
    with pytest.raises(InputError, match="of a whole scan, but cannot be read"):
        scan.token_means(scan.signals[0])
    path.write_bytes(whole)
    assert scan.token_means(scan.signals[0]).shape == (2, scan.n_units)
