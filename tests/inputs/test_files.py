import codecs
import gzip
import io
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, RnnvizError
from rnnviz.inputs.files import SUFFIXES, Text, read_file
from rnnviz.inputs.table import Table

POEM = "床前明月光，疑是地上霜。"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (POEM.encode(), "utf-8"),
        (codecs.BOM_UTF8 + POEM.encode(), "utf-8"),
        (POEM.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + POEM.encode("utf-16-be"), "utf-16"),
        (POEM.encode("gb18030"), "gb18030"),
    ],
)
def test_the_encoding_of_a_text_is_found_and_told(data: bytes, encoding: str) -> None:
    text = read_file("poem.txt", data)
    assert isinstance(text, Text)
    assert (text.text, text.encoding) == (POEM, encoding)


def test_the_table_of_a_chinese_spreadsheet_tells_its_encoding() -> None:
    table = read_file("天气.csv", "日期,气温\n2024-01-31,5.5\n".encode("gb18030"))
    assert isinstance(table, Table)
    assert (table.names, table.encoding) == (("日期", "气温"), "gb18030")


@pytest.mark.parametrize("data", [b"a\x00b", b"a\x1bb"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.json", "a.jsonl"])
def test_control_characters_are_refused_in_every_text_format(name: str, data: bytes) -> None:
    with pytest.raises(InputError, match="position 2 holds the control character"):
        read_file(name, data)


def test_a_json_string_that_cannot_be_shown_is_refused() -> None:
    with pytest.raises(InputError, match="one half of a character"):
        read_file("a.json", rb'"a\ud800"')


WORKBOOK = io.BytesIO()
with zipfile.ZipFile(WORKBOOK, "w") as archive:
    archive.writestr("xl/workbook.xml", "<workbook/>")

DISGUISED = [
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
    (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG"),
    (b"%PDF-1.7\n", "PDF"),
    (WORKBOOK.getvalue(), "ZIP"),
    (gzip.compress(b"a,b", mtime=0), "gzip"),
    (b"PAR1" + bytes(50), "Parquet"),
    (b"\x93NUMPY" + bytes(50), "NumPy"),
]


@pytest.mark.parametrize(("data", "kind"), DISGUISED, ids=[kind for _, kind in DISGUISED])
@pytest.mark.parametrize("name", ["table.csv", "a.txt", "a.json"])
def test_a_renamed_file_is_told_what_it_is(name: str, data: bytes, kind: str) -> None:
    with pytest.raises(InputError, match=f"ends in .*, but its content is {kind};"):
        read_file(name, data)


def test_a_disguise_inside_gzip_is_seen_too() -> None:
    with pytest.raises(InputError, match="its content is PNG"):
        read_file("a.csv.gz", gzip.compress(DISGUISED[0][0], mtime=0))


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.parquet", "a.csv.gz"])
def test_a_text_named_as_a_binary_file_is_told_so(name: str) -> None:
    with pytest.raises(InputError, match="its content is not"):
        read_file(name, b"x,y\n1,2\n")


@pytest.mark.parametrize("name", ["a.docx", "a", "", ".csv", "a.npy.gz", "a.gz", "csv", "a.zip.gz"])
def test_other_suffixes_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(InputError, match=r"ending in \.txt \.csv"):
        read_file(name, b"1")


@pytest.mark.parametrize("name", ["A.CSV", "2024.01.a.csv", "温度.csv"])
def test_the_last_suffix_counts_in_either_case(name: str) -> None:
    assert isinstance(read_file(name, b"x\n1\n"), Table)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_refused(suffix: str) -> None:
    with pytest.raises(InputError, match="is empty"):
        read_file("a" + suffix, b"")


def test_text_formats_are_read_from_gzip() -> None:
    assert read_file("a.txt.gz", gzip.compress(b"hello", mtime=0)) == Text("hello", "a.txt.gz")
    assert isinstance(read_file("a.jsonl.gz", gzip.compress(b'{"x": 1}', mtime=0)), Table)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"hello" * 99, mtime=0)[:-9],
        gzip.compress(b"hello", mtime=0)[:-8] + bytes(8),
        b"\x1f\x8b",
    ],
)
def test_a_damaged_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="complete gzip file, but it is damaged"):
        read_file("a.txt.gz", data)


def test_a_path_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    assert read_file("a.txt", path) == Text("hello", "a.txt")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    for name, sentence in [
        ("absent.txt", "there is none"),
        ("pipe.txt", "there is none"),
        ("folder.txt", "is a folder"),
    ]:
        with pytest.raises(InputError, match=sentence):
            read_file(name, tmp_path / name)


def test_a_file_that_cannot_be_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")

    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"cannot be read \(PermissionError\)"):
        read_file("a.txt", path)


def test_a_damaged_archive_of_any_bytes_is_one_sentence() -> None:
    with pytest.raises(InputError, match="damaged"):
        read_file("a.npz", b"PK\x03\x04PK\x01\x02" + bytes(50))


STARTS = {".npy": b"\x93NUMPY\x01\x00", ".npz": b"PK\x03\x04PK\x01\x02", ".parquet": b"PAR1"}


@settings(deadline=None)
@given(st.sampled_from(SUFFIXES), st.binary(), st.booleans())
def test_any_bytes_give_a_content_or_one_sentence(suffix: str, data: bytes, real: bool) -> None:
    content = STARTS.get(suffix, b"") + data if real else data
    with suppress(RnnvizError):
        assert isinstance(read_file("a" + suffix, content), Text | Table | Sequence)


PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)


@given(st.sampled_from(["utf-8-sig", "utf-16"]), PRINTABLE)
def test_any_printable_text_is_read_back_by_its_byte_order_mark(encoding: str, text: str) -> None:
    content = read_file("a.txt", text.encode(encoding))
    assert isinstance(content, Text)
    assert content.text == text
