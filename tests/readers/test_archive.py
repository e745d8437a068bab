"""ZIP archives that lie about names, kinds and sizes; the honest ones read back as written."""

import io
import stat
import struct
import warnings
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import ModelError
from rnnviz.readers.archive import open_archive
from rnnviz.readers.limits import MAX_ARCHIVE_MEMBERS, MAX_FILE
from rnnviz.readers.result import Source
from tests.readers.bounded import MEGABYTE, memory_below
from tests.readers.saved import zipped

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


def source(data: bytes) -> Source:
    return Source("a.zip", data)


@pytest.mark.parametrize("method", METHODS)
@given(
    contents=st.dictionaries(
        st.from_regex("[a-z]{1,3}(/[a-z0-9.]{1,3}x)?", fullmatch=True), st.binary()
    )
)
def test_an_archive_reads_back_as_written(method: int, contents: dict[str, bytes]) -> None:
    archive = open_archive(source(zipped(contents, method)))
    assert {name: archive.read(name) for name in archive} == contents
    assert all(archive.size(name) == len(data) for name, data in contents.items())
    assert "another" not in archive


def test_a_folder_is_no_member() -> None:
    assert list(open_archive(source(zipped({"a/": b"", "a/b": b"1"})))) == ["a/b"]


def renamed(name: str) -> bytes:
    """An archive with a member of this name, which zipfile itself might not write."""
    same_length = "x" * len(name)
    return zipped({same_length: b"1"}).replace(same_length.encode(), name.encode())


OUTSIDE = [
    "../a",
    "a/../../b",
    "/etc/passwd",
    "\\a",
    "a\\..\\b",
    "C:\\a",
    "c:a",
    "..",
    "a/..",
    "a\0b",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_points_outside_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="points elsewhere"):
        open_archive(source(renamed(name)))


@pytest.mark.parametrize("name", ["a..b", "...", "a/.hidden", "..a/b"])
def test_a_name_with_dots_may_be_inside(name: str) -> None:
    assert list(open_archive(source(renamed(name)))) == [name]


def test_a_name_that_comes_twice_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = zipped({"a": b"1", "b": b"2"}).replace(b"b", b"a")
    with pytest.raises(ModelError, match="“a” comes twice"):
        open_archive(source(data))


def test_a_link_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match=r"“link” .* is a link"):
        open_archive(source(stream.getvalue()))


def test_an_encrypted_member_and_another_compression_are_refused() -> None:
    encrypted = bytearray(zipped({"a": b"1"}))
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    for data in (bytes(encrypted), zipped({"a": b"1"}, zipfile.ZIP_LZMA)):
        with pytest.raises(ModelError, match=r"“a” .* is encrypted"):
            open_archive(source(data))


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A gigabyte of zeros in a few megabytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("zeros", "w", force_zip64=True) as member,
    ):
        for _ in range(1_000):
            member.write(bytes(MEGABYTE))
    return stream.getvalue()


def test_a_deflate_bomb_is_refused_before_it_is_inflated(bomb: bytes) -> None:
    assert len(bomb) < 10 * MEGABYTE
    with memory_below(MEGABYTE), pytest.raises(ModelError, match="says 1000000000;"):
        open_archive(source(bomb))


def test_a_member_that_holds_more_than_it_declares_is_read_no_further(bomb: bytes) -> None:
    size, declared = (n.to_bytes(4, "little") for n in (1_000 * MEGABYTE, MEGABYTE))
    archive = open_archive(source(bomb.replace(size, declared)))
    with memory_below(20 * MEGABYTE), pytest.raises(ModelError, match="damaged or cut off"):
        archive.read("zeros")


def test_a_member_that_holds_less_than_it_declares_is_refused() -> None:
    data = zipped({"a": bytes(1_000)}, zipfile.ZIP_DEFLATED)
    size, declared = ((n).to_bytes(4, "little") for n in (1_000, 100 * MEGABYTE))
    archive = open_archive(source(data.replace(size, declared)))
    with memory_below(MEGABYTE), pytest.raises(ModelError, match="damaged or cut off"):
        archive.read("a")


def test_members_that_lie_over_each_other_are_refused() -> None:
    data = zipped({"0": bytes(MEGABYTE)})
    start, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entries = b"".join(data[start : end - 1] + b"%d" % i for i in range(10))
    counts = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(entries), start, 0)
    with pytest.raises(ModelError, match=r"of \d+ bytes says 10000000;"):
        open_archive(source(data[:start] + entries + counts))


def test_an_archive_of_100_000_members_is_refused_before_it_is_listed() -> None:
    entries = zipped({str(i): b"" for i in range(100)})
    start, end = entries.index(b"PK\x01\x02"), entries.rindex(b"PK\x05\x06")
    data = entries[:start] + entries[start:end] * 1_000 + entries[end:]
    with memory_below(MEGABYTE), pytest.raises(ModelError, match="has 100000;"):
        open_archive(source(data))
    assert MAX_ARCHIVE_MEMBERS < 100_000


def test_an_empty_and_a_too_large_file_are_refused() -> None:
    with pytest.raises(ModelError, match="is empty"):
        open_archive(source(b""))

    class Large(bytes):
        def __len__(self) -> int:
            return MAX_FILE + 1

    with pytest.raises(ModelError, match=r"may be 2000000000 bytes large, .* has 2000000001"):
        open_archive(source(Large(b"PK")))


@given(st.data())
def test_a_changed_archive_gives_members_or_one_sentence(data: st.DataObject) -> None:
    valid = zipped({"a": b"1234", "b/c": bytes(50)}, data.draw(st.sampled_from(METHODS)))
    place = data.draw(st.integers(0, len(valid)))
    changed = valid[:place] + data.draw(st.binary(max_size=4)) + valid[place + 2 :]
    with suppress(ModelError):
        archive = open_archive(source(changed))
        for name in archive:
            assert len(archive.read(name)) == archive.size(name)
