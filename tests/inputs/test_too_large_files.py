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

from rnnviz.bounded.limits import is_limited
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


def test_four_million_nine_hundred_thousand_chinese_dates_fit_into_the_limits():
    days = [date(1900, 1, 1) + timedelta(days=i) for i in range(70_000)]
    lines = "".join(f"{day:%Y年%m月%d日}\n" for day in days).encode()
    table = read_file_bounded("a.csv.gz", gzip.compress(b"day\n" + 70 * lines, 1))
    assert isinstance(table, Table)
    assert len(table["day"].values) == 4_900_000
    assert table["day"].values[-1] == np.datetime64(days[-1])


def test_millions_of_quoted_cells_in_a_gzip_are_read_within_the_limits():
    rows = b"".join(
        b'"%d.%02d","%d","name %d"\n' % (i % 977, i % 100, i, i % 50) for i in range(9_000)
    )
    table = read_file_bounded("a.csv.gz", gzip.compress(b'"a","b","c"\n' + 170 * rows, 1))
    assert isinstance(table, Table)
    assert [column.kind for column in table.columns] == ["number", "number", "category"]
    assert table["a"].values[:9_000].tolist() == [
        float(f"{i % 977}.{i % 100:02}") for i in range(9_000)
    ]
    assert table["b"].values.sum() == 170 * sum(range(9_000))
    assert table["c"].values[-1] == f"name {8_999 % 50}"


def repeated_ods(columns: int, rows: int) -> bytes:
    """A table of one value repeated, as ODF 1.3-3, 19.679, lets it be written."""
    cell = f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float"'
    cell += ' office:value="1.5"><text:p>1.5</text:p></table:table-cell>'
    empty = '<table:table-cell table:number-columns-repeated="16000"/>'
    names = ("office", "table", "text")
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{urn}:{name}:1.0"' for name in names)
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S"><table:table-row table:number-rows-repeated="{rows}">{cell}'
        f'{empty}</table:table-row><table:table-row table:number-rows-repeated="1000000">{empty}'
        "</table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<m:manifest xmlns:m='{urn}:manifest:1.0'/>")
        archive.writestr("content.xml", content)
    return stream.getvalue()


def test_a_table_of_nine_million_repeated_cells_is_named_too_large():
    with pytest.raises(InputError, match=r"5000000 values, but “a\.ods” has more"):
        read_file_bounded("a.ods", repeated_ods(1_000, 9_000))
    with pytest.raises(InputError, match=r"5000000 values, but “a\.ods” has more"):
        read_file_bounded("a.ods", repeated_ods(10**9, 10**9))


@pytest.mark.skipif(not is_limited(), reason="the system has no such limits")
@pytest.mark.parametrize("columns", [10, 1_000])
def test_a_table_that_memory_is_short_for_is_not_called_damaged(columns):
    with pytest.raises(InputError, match=r"MB of memory.*choose a part of it"):
        read_file_bounded("a.ods", repeated_ods(columns, 4_900_000 // columns))
    part = read_file_bounded("a.ods", repeated_ods(columns, 200))
    assert isinstance(part, Table)
    assert (part.n_rows, len(part.columns)) == (200, columns)


def test_repeated_cells_of_a_small_table_are_read_whatever_is_empty_behind_them():
    table = read_file("a.ods", repeated_ods(3, 5))
    assert isinstance(table, Table)
    assert [column.values.tolist() for column in table.columns] == 3 * [5 * [1.5]]


def test_a_million_cells_of_excel_are_read_within_the_limits():
    xlsx = pytest.importorskip("openpyxl")
    book = xlsx.Workbook(write_only=True)
    sheet = book.create_sheet()
    for i in range(50_000):
        sheet.append([i * 20 + j for j in range(20)])
    stream = io.BytesIO()
    book.save(stream)
    table = read_file_bounded("a.xlsx", stream.getvalue())
    assert isinstance(table, Table)
    assert np.array_equal([c.values for c in table.columns], np.arange(1_000_000).reshape(-1, 20).T)
