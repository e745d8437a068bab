"""Files that are small on disk and large in memory; what is refused must not be built first."""

import gzip
import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from rnnviz.errors import InputError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.files import read_file
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.source import MAX_BYTES
from rnnviz.inputs.table import Table

MEGABYTE = 1_000_000
GIGABYTE = 1_000 * MEGABYTE


@contextmanager
def memory_below(bound: int) -> Iterator[None]:
    """Fails when more bytes than this are held at once inside."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < bound
    finally:
        tracemalloc.stop()


def header(n_values: int) -> bytes:
    stream = io.BytesIO()
    described = {"descr": "<f8", "fortran_order": False, "shape": (n_values,)}
    np.lib.format.write_array_header_1_0(stream, described)
    return stream.getvalue()


@pytest.fixture(scope="module")
def gigabyte_npz() -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        member.write(header(GIGABYTE // 8))
        for _ in range(GIGABYTE // MEGABYTE):
            member.write(bytes(MEGABYTE))
    return stream.getvalue()


def test_the_fixture_is_small_and_whole(gigabyte_npz: bytes) -> None:
    assert len(gigabyte_npz) < 10 * MEGABYTE
    with zipfile.ZipFile(io.BytesIO(gigabyte_npz)) as archive:
        assert archive.getinfo("x.npy").file_size > GIGABYTE


def test_a_npz_that_unpacks_to_a_gigabyte_is_refused(gigabyte_npz: bytes) -> None:
    with memory_below(20 * MEGABYTE), pytest.raises(InputError, match="unpack to 200000000"):
        read_file("a.npz", gigabyte_npz)


def test_a_npz_that_declares_less_than_its_header_is_refused(gigabyte_npz: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(gigabyte_npz)) as archive:
        size = archive.getinfo("x.npy").file_size
    # In the directory and, ZIP64, in the member's own header.
    lying = gigabyte_npz.replace(size.to_bytes(4, "little"), MEGABYTE.to_bytes(4, "little"))
    assert lying != gigabyte_npz
    with memory_below(20 * MEGABYTE), pytest.raises(InputError, match="unpack to 200000000"):
        read_file("a.npz", lying)


def test_a_npz_that_holds_more_than_it_declares_is_refused() -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, x=np.zeros(MEGABYTE))
    size = 8 * MEGABYTE + 128
    lying = stream.getvalue().replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != stream.getvalue()
    with memory_below(20 * MEGABYTE), pytest.raises(InputError, match="damaged"):
        read_file("a.npz", lying)


def test_an_archive_of_a_million_members_is_refused_before_it_is_listed() -> None:
    data = b"PK\x03\x04" + b"PK\x01\x02" * MEGABYTE
    with memory_below(MEGABYTE), pytest.raises(InputError, match="it holds 1000000"):
        read_file("a.npz", data)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.txt.gz", "a.json.gz"])
def test_a_gzip_that_unpacks_to_a_gigabyte_is_refused(name: str) -> None:
    # RFC 1952, 2.2: members that follow each other unpack to one file.
    data = gzip.compress(b"1\n" * (MEGABYTE // 2)) * 1_000
    assert len(data) < 3 * MEGABYTE
    with memory_below(20 * MEGABYTE), pytest.raises(InputError, match="unpack to 200000000"):
        read_file(name, data)


def test_a_file_above_the_bound_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as stream:
        stream.truncate(4 * GIGABYTE)  # sparse: no bytes on disk
    with memory_below(MEGABYTE), pytest.raises(InputError, match=r"“large\.csv” has 4000000000"):
        read_sequence(path)


def test_an_upload_above_the_bound_is_refused() -> None:
    with pytest.raises(InputError, match=r"50000000 bytes large, but .* has 50000001"):
        read_file("a.txt", bytes(MAX_BYTES + 1))


def test_a_header_that_promises_more_than_the_file_is_refused_unread() -> None:
    data = header(20 * MEGABYTE)
    with memory_below(MEGABYTE), pytest.raises(InputError, match="damaged"):
        read_file("a.npy", data)


def test_json_of_many_values_is_refused_before_it_is_built() -> None:
    data = b"[" + b"1," * (6 * MEGABYTE) + b"1]"
    # The text itself is 12 MB; six million Python floats would be 200.
    with memory_below(20 * MEGABYTE), pytest.raises(InputError, match="5000000 values"):
        read_file("a.json", data)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%Y年%m月%d日"])
def test_millions_of_dates_in_a_gzip_are_read_within_the_limits(form):
    days = [date(1900, 1, 1) + timedelta(days=i) for i in range(70_000)]
    lines = "".join(f"{day.strftime(form)}\n" for day in days).encode()
    table = read_file_bounded("a.csv.gz", gzip.compress(b"day\n" + 60 * lines, 1))
    assert isinstance(table, Table)
    dates = table["day"].values
    assert len(dates) == 4_200_000
    assert dates[-70_000:].astype("M8[D]").tolist() == days


def test_millions_of_quoted_values_with_commas_are_read_in_seconds():
    data = b"a,b\n" + 1_500_000 * b'"1,5","2,25"\n'
    before = time.process_time()
    table = read_file("a.csv", data)
    assert isinstance(table, Table)
    assert table["a"].values.sum() + table["b"].values.sum() == 1_500_000 * 3.75
    assert time.process_time() - before < 10
