"""Every byte and every row of a corpus is in one shard, and in one alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.corpus.shards import Shard, shards_of
from rnnviz.errors import InputError

TEXT = "".join(f"line {number}: čo je to? 你好\n" for number in range(300))


def _texts(shards: list[Shard]) -> list[str]:
    return [text for shard in shards for text in shard.texts()]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=20), st.integers(1, 60))
def test_shards_of_a_text_joined_are_the_text(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], n_bytes: int
) -> None:
    data = "\n".join(lines).encode()
    path = tmp_path_factory.mktemp("corpus") / "a.txt"
    path.write_bytes(data)
    if not data:
        with pytest.raises(InputError, match="all empty"):
            shards_of(path)
        return
    shards = shards_of(path, n_bytes=n_bytes)
    read = [data[shard.start : shard.stop] for shard in shards]
    assert b"".join(read) == data
    assert all(part.endswith(b"\n") for part in read[:-1])


def test_gzip_is_cut_as_the_text_in_it(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.txt", tmp_path / "b.txt.gz"
    plain.write_text(TEXT, "utf-8")
    packed.write_bytes(gzip.compress(TEXT.encode()))
    assert _texts(shards_of(packed, n_bytes=1000)) == _texts(shards_of(plain, n_bytes=1000))
    second = shards_of(packed, n_bytes=1000)[1]
    assert TEXT.startswith(TEXT[: TEXT.index(second.texts()[0])])
    assert second.before(40) == TEXT[: TEXT.index(second.texts()[0])].encode()[-40:].decode(
        errors="ignore"
    )


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "stream.arrow"])
def test_every_row_of_a_table_is_read_once(tmp_path: Path, suffix: str) -> None:
    rows = [f"text {number} " + "x" * (number % 50) for number in range(200)]
    table = pyarrow.table({"id": range(200), "text": [*rows[:-1], None]})
    path = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=60)
    elif suffix == "arrow":
        with pyarrow.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=15)
    else:
        with pyarrow.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=15)
    shards = shards_of(tmp_path, n_bytes=1000)
    assert len(shards) > 3
    assert _texts(shards) == rows[:-1]


def test_a_corpus_is_cut_for_several_workers_and_not_into_crumbs(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for size, count in ((1000, 1), (200_000, 2), (3_600_000, 24), (40_000_000, 40)):
        path.write_text(("x" * 99 + "\n") * (size // 100), "utf-8")
        shards = shards_of(path)
        assert len(shards) == count
        assert max(shard.n_bytes for shard in shards) < 1.1 * size / count
        assert sum(shard.n_bytes for shard in shards) == size


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"1,2", "has none; give the path"),
        ("a.parquet", b"no table", "cannot be read"),
        ("a.arrow", b"no table", "cannot be read"),
        ("a.txt.gz", b"no gzip", "cannot be read"),
        ("a.txt.gz", gzip.compress(b"cut off" * 999, mtime=0)[:40], "cannot be read"),
    ],
    ids=["a table", "no Parquet", "no Arrow", "no gzip", "gzip cut off"],
)
def test_what_is_no_text_is_refused_in_a_sentence(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said):
        shards_of(tmp_path)


def test_the_column_is_asked_for_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"title": ["a"], "body": ["b"]}), path)
    with pytest.raises(InputError, match=r"title, body; name one with --column, in Python column="):
        shards_of(path)
    assert _texts(shards_of(path, column="body")) == ["b"]


def test_a_column_of_files_of_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(InputError, match="files of text alone, which have no column “body”"):
        shards_of(tmp_path, column="body")


def test_suffixes_are_read_in_any_case_and_hidden_files_are_not(tmp_path: Path) -> None:
    table = pyarrow.table({"text": ["row"]})
    for folder in ("A", ".git", "A/.cache"):
        (tmp_path / folder).mkdir()
    pyarrow.parquet.write_table(table, tmp_path / "z.Parquet")
    with pyarrow.ipc.new_file(tmp_path / "y.ARROW", table.schema) as writer:
        writer.write_table(table)
    (tmp_path / "A" / "b.TXT.GZ").write_bytes(gzip.compress(b"packed"))
    for name in ("x.Txt", ".x.txt", ".git/x.txt", "A/.cache/x.txt"):
        (tmp_path / name).write_text("plain" if name == "x.Txt" else "hidden")
    assert _texts(shards_of(tmp_path)) == ["packed", "plain", "row", "row"]
