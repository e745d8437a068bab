import datetime
import io
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.feather import write_feather

from rnnviz.errors import InputError, MissingLibraryError, RnnvizError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.column import Column
from rnnviz.inputs.files import read_file
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Table

DAYS = [datetime.datetime(2024, 1, 31, 6), None, datetime.datetime(2024, 2, 1)]


def parquet(columns: dict[str, object], **options: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def read(data: bytes) -> Table:
    table = read_file("a.parquet", data)
    assert isinstance(table, Table)
    return table


def described(column: Column) -> tuple[str, str, list[object]]:
    return column.name, column.kind, [None if v != v else v for v in column.values.tolist()]


def test_every_flat_type_becomes_its_kind_of_column() -> None:
    table = read(
        parquet(
            {
                "n": pa.array([1, None, 3], pa.int8()),
                "x": pa.array([0.5, 1.5, None], pa.float32()),
                "b": [True, False, None],
                "s": ["a", None, "a"],
                "c": pa.array(["u", "v", None]).dictionary_encode(),
                "i": pa.array([7, 8, 7]).dictionary_encode(),
                "d": pa.array(DAYS, pa.timestamp("ns")),
                "day": pa.array([1, 2, None], pa.int32()).cast(pa.date32()),
            }
        )
    )
    assert [described(column) for column in table.columns[:6]] == [
        ("n", "number", [1, None, 3]),
        ("x", "number", [0.5, 1.5, None]),
        ("b", "number", [1, 0, None]),
        ("s", "category", ["a", None, "a"]),
        ("c", "category", ["u", "v", None]),
        ("i", "number", [7, 8, 7]),
    ]
    assert table["d"].values.tolist() == DAYS
    assert table["day"].values[1] == np.datetime64("1970-01-03")


def test_what_pandas_writes_is_read_back() -> None:
    days = pd.date_range("2024-01-01", periods=25_000, freq="h", tz="Asia/Shanghai")
    frame = pd.DataFrame({"day": days, "x": np.arange(25_000) / 8})
    stream = io.BytesIO()
    frame.to_parquet(stream)
    table = read(stream.getvalue())
    np.testing.assert_array_equal(table["x"].values, frame["x"])
    assert table["day"].values[0] == np.datetime64("2023-12-31T16:00")


ODD = {
    "list": pa.array([[1.0], [2.0, 3.0]]),
    "fixed list": pa.array([[1.0], [2.0]], pa.list_(pa.float64(), 1)),
    "struct": pa.array([{"y": 1}, {"y": 2}]),
    "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
    "time": pa.array([datetime.time(1), datetime.time(2)]),
    "duration": pa.array([datetime.timedelta(1), datetime.timedelta(2)]),
    "binary": pa.array([b"raw", b"\x00"]),
    "uuid": pa.array([b"0123456789abcdef"] * 2, pa.binary(16)),
}
PLAIN = {
    "decimal": pa.array([1, 2], pa.decimal128(10, 2)),
    "big decimal": pa.array([1, 2], pa.decimal256(60, 2)),
    "dictionary": pa.array(["u", "v"]).dictionary_encode(),
    "null": pa.array([None, None]),
    "zoned": pa.array([datetime.datetime(2024, 1, 1)] * 2, pa.timestamp("ns", "Asia/Tokyo")),
    "half": pa.array(np.array([1, 2], np.float16)),
    "unsigned": pa.array([1, 2], pa.uint64()),
    "large": pa.array(["u", "v"], pa.large_string()),
    "view": pa.array(["u", "v"], pa.string_view()),
}


def feather(columns: dict[str, object], compression: str = "zstd") -> bytes:
    stream = io.BytesIO()
    write_feather(pa.table(columns), stream, compression=compression)
    return stream.getvalue()


def streamed(columns: dict[str, object]) -> bytes:
    table, stream = pa.table(columns), io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


WRITERS = {"a.parquet": parquet, "a.feather": feather, "a.arrow": streamed}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("odd", ODD)
def test_a_column_of_another_type_is_named_and_the_others_are_read(name: str, odd: str) -> None:
    data = WRITERS[name]({"x": [1.5, 2.5], "odd": ODD[odd], "n": [3, 4]})
    table = read_file(name, data)
    assert isinstance(table, Table)
    assert (table.names, table["x"].values.tolist()) == (("x", "n"), [1.5, 2.5])
    (decision,) = table.decisions
    assert (decision.name, decision.column) == ("unread", "odd")
    assert read_sequence(name, data, columns=["n"]).values.ravel().tolist() == [3, 4]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("plain", PLAIN)
def test_every_plain_type_is_read(name: str, plain: str) -> None:
    table = read_file(name, WRITERS[name]({"p": PLAIN[plain]}))
    assert isinstance(table, Table)
    assert table.decisions == ()
    kind = table["p"].kind
    assert kind == {"dictionary": "category", "zoned": "date"}.get(plain, kind)
    if kind == "number" and plain != "null":
        assert table["p"].values.tolist() == [1, 2]


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
def test_texts_are_read_in_every_encoding(encoding: str) -> None:
    texts = [f"w{i % 70}" for i in range(1_000)]
    columns: dict[str, object] = {"s": texts, "n": list(range(1_000))}
    encodings = {"s": encoding, "n": "DELTA_BINARY_PACKED"}
    table = read(parquet(columns, use_dictionary=False, column_encoding=encodings))
    assert table["s"].values.tolist() == texts
    assert table["n"].values.tolist() == columns["n"]


def test_long_texts_of_few_bytes_are_refused_before_all_are_built() -> None:
    texts = pa.array(["a" * 1_000_000] * 1_000)
    data = parquet({"s": texts}, use_dictionary=False, column_encoding={"s": "DELTA_BYTE_ARRAY"})
    del texts
    assert len(data) < 5_000_000
    before = pa.total_allocated_bytes()
    with pytest.raises(InputError, match="unpack to 200000000 bytes"):
        read(data)
    assert pa.total_allocated_bytes() - before < 10_000_000


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_feather_is_read_with_every_compression(compression: str) -> None:
    table = read_file("a.feather", feather({"x": [1.5, 2.5]}, compression))
    assert isinstance(table, Table)
    assert table["x"].values.tolist() == [1.5, 2.5]


FRAME = pd.DataFrame({"x": [1.5, 2.5, 0.5], "y": [3.0, 4.0, 6.0]})
INDEXED = {
    "none": (FRAME, ""),
    "range": (FRAME.set_index(pd.RangeIndex(5, 11, 2)), ""),
    "numbers": (FRAME.set_index(pd.Index([7, 9, 8])), "index"),
    "days": (FRAME.set_index(pd.date_range("2024-01-01", periods=3)), "index"),
    "named": (FRAME.set_index(pd.Index([7, 9, 8], name="station")), "station"),
    "column": (FRAME.set_index("y"), "y"),
}


@pytest.mark.parametrize("kind", INDEXED)
def test_an_index_that_pandas_wrote_is_no_feature(kind: str) -> None:
    frame, index = INDEXED[kind]
    stream = io.BytesIO()
    frame.to_parquet(stream)
    table = read(stream.getvalue())
    assert table.index == index
    sequence = read_sequence("a.parquet", stream.getvalue())
    assert sequence.features == tuple(frame.columns)
    assert sequence.values[:, 0].tolist() == frame.to_numpy().tolist()


@pytest.mark.parametrize(
    "written",
    [b"{", b"[" * 100_000, b'{"index_columns": 3}', b'{"index_columns": ["z", [1]]}', b"3"],
)
def test_damaged_notes_of_pandas_are_passed_over(written: bytes) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"x": [1.5]}).replace_schema_metadata({"pandas": written}), stream)
    assert read(stream.getvalue()).names == ("x",)


REFUSED = [
    (parquet({"x": [[1], [2]]}), "“x” of “a.parquet” is list"),
    (parquet({"x": [{"y": 1}]}), "“x” of “a.parquet” is struct"),
    (parquet({"x": [b"raw"]}), "“x” of “a.parquet” is binary"),
    (parquet({"x": pa.array([], pa.int8())}), "At least one row"),
    (parquet({f"x{i}": [1] for i in range(1_001)}), "1000 columns, but “a.parquet” has 1001"),
    (parquet({"x": pa.array(np.zeros(5_000_001, np.int8))}), "5000000 values"),
    (parquet({"x": [1, 2, 3]})[:-20], "damaged"),
    (b"PAR1" + bytes(100), "damaged"),
    (parquet({"x": ["a\x00b"]}), "control character U[+]0000"),
]


@pytest.mark.parametrize(("data", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_other_parquet_is_refused_by_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        read(data)
    assert len(str(refusal.value)) < 250


def test_columns_that_declare_more_than_the_bound_are_refused_unread() -> None:
    texts = pa.array(["x" * 1_000_000] * 300)
    data = parquet({"s": texts}, use_dictionary=False, compression="zstd")
    del texts
    assert len(data) < 1_000_000
    before = pa.total_allocated_bytes()
    with pytest.raises(InputError, match="unpack to 200000000 bytes"):
        read(data)
    assert pa.total_allocated_bytes() - before < 10_000_000


@pytest.mark.parametrize("store_schema", [True, False])
def test_a_long_text_repeated_a_million_times_is_kept_once(store_schema: bool) -> None:
    places = pa.array(np.zeros(1_000_000, np.int32))
    texts = pa.DictionaryArray.from_arrays(places, pa.array(["x" * 1_000_000]))
    data = parquet({"s": texts}, store_schema=store_schema)
    tracemalloc.start()
    assert read(data)["s"].kind == "text"
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_places_outside_the_dictionary_are_refused() -> None:
    data = parquet({"s": ["abcd", "efgh"]}, compression="none")
    # The dictionary page's header, in Thrift's compact protocol: two values, then only one.
    assert data.count(b"\x4c\x15\x04") == 1
    with pytest.raises(InputError, match="damaged"):
        read(data.replace(b"\x4c\x15\x04", b"\x4c\x15\x02"))


def test_without_pyarrow_the_install_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    data = parquet({"x": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingLibraryError, match=r'pip install "rnnviz\[app\]"'):
        read(data)


VALID = parquet({"x": [1.5, 2.5, None], "s": ["a", "b", None], "d": DAYS})


@settings(deadline=None)
@given(st.sampled_from([feather, streamed]), st.integers(0, 10_000), st.binary(max_size=3))
def test_a_changed_byte_of_arrow_gives_a_table_or_one_sentence(
    write: Callable[[dict[str, object]], bytes], place: int, by: bytes
) -> None:
    valid = write({"x": [1.5, 2.5], "s": ["a", "b"], "odd": [[1], [2]]})
    place %= len(valid)
    with suppress(RnnvizError):
        content = read_file_bounded("a.arrow", valid[:place] + by + valid[place + 1 :])
        assert isinstance(content, Table)


@settings(deadline=None)
@given(st.integers(0, len(VALID) - 1), st.binary(max_size=3))
def test_a_changed_byte_gives_a_table_or_one_sentence(place: int, by: bytes) -> None:
    # A damaged file may crash Arrow, which is why it is read in a process of its own.
    with suppress(RnnvizError):
        content = read_file_bounded("a.parquet", VALID[:place] + by + VALID[place + 1 :])
        assert isinstance(content, Table)
        assert content.n_rows >= 1
