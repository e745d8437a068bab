import gzip
import json
import time
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import read_file
from rnnviz.inputs.json_table import read_json, read_json_lines
from rnnviz.inputs.table import Table

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def table_of(text: str) -> Table:
    content = read_json("a.json", text)
    assert isinstance(content, Table)
    return content


def columns(table: Table) -> dict[str, list[object]]:
    return {column.name: column.values.tolist() for column in table.columns}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2.5]", {"value": [1, 2.5]}),
        ("[[1, 2], [3, 4]]", {"column 1": [1, 3], "column 2": [2, 4]}),
        ('[{"x": 1, "s": "a"}, {"x": 2, "s": "b"}]', {"x": [1, 2], "s": ["a", "b"]}),
        ('{"x": [1, 2], "y": [true, false]}', {"x": [1, 2], "y": [1, 0]}),
        ('[1, "two", true]', {"value": ["1", "two", "true"]}),
    ],
)
def test_every_arrangement_gives_its_columns(text: str, expected: dict[str, list[object]]) -> None:
    assert columns(table_of(text)) == expected


@pytest.mark.parametrize("text", ['"床前"', '{"text": "床前"}'])
def test_one_string_is_a_text(text: str) -> None:
    assert read_json("a.json", text) == "床前"


def test_absent_keys_null_and_nan_are_missing() -> None:
    table = table_of('[{"x": 1}, {"x": null, "y": 2}, {"x": NaN, "y": 3}]')
    assert table.n_missing == {"x": 2, "y": 1}
    assert np.flatnonzero(table["x"].is_missing).tolist() == [1, 2]


@pytest.mark.parametrize("number", ["Infinity", "1e999", "1" + "0" * 5_000])
def test_what_overflows_is_kept_as_infinite(number: str) -> None:
    assert np.isinf(table_of(f"[1, {number}]")["value"].values[1])


def test_lines_of_records_are_a_table() -> None:
    table = read_json_lines("a.jsonl", '{"x": 1, "s": "a\u2028b"}\n\n{"x": 2, "s": "c"}\r\n')
    assert columns(table) == {"x": [1, 2], "s": ["a\u2028b", "c"]}


DEEP = "[" * 100_000 + "]" * 100_000

REFUSED = [
    ("", "line 1 breaks off at column 1"),
    ("[1,\n2,\n", "line 3 breaks off"),
    ("[]", "At least one row"),
    ("{}", "holds dict instead"),
    ("3", "holds int instead"),
    ("null", "holds NoneType instead"),
    ("[{}]", "holds dict instead"),
    ("[[]]", "At least one row"),
    ('{"x": 1}', "holds dict instead"),
    ('{"x": [1], "y": [1, 2]}', "have 1, 2"),
    ("[[1, 2], [3]]", "the first, 2, but row 2 has 1"),
    ('[{"x": [1]}]', "under “x” it holds list"),
    ("[[[1]]]", "under “column 1” it holds list"),
    ('{"x": [1], "x": [2]}', "“x” comes twice"),
    ('[{"a": 1, "k": 1, "k": 2}]', "“k” comes twice"),
    (DEEP, "nested far deeper"),
    ('{"a":' * 50_000 + "1" + "}" * 50_000, "nested far deeper"),
    (json.dumps({str(i): [1] for i in range(1_001)}), "1000 columns"),
    ("[" + "1," * 5_000_001 + "1]", "5000000 values"),
    ("[" + "[1]," * 1_000_000 + "[1]]", "1000000 objects and lists"),
    ('{"a": [{"x": 1}], "b": [{"x": 2}]}', "“a”, “b” may each be one; save the one you mean"),
    ('{"a": 1, "b": 2}', "holds dict instead"),
    ('{"columns": ["a", "b"], "index": [0], "data": [[1]]}', "under “data” it holds list"),
    ('{"columns": ["a"], "index": [0, 1], "data": [[1]]}', "under “index” it holds list"),
    ("[[1], null]", "holds list instead"),
    ('{"schema": {"fields": []}, "data": []}', "At least one row"),
    (r'["a\u0000b", "c"]', "control character U[+]0000"),
    (r'{"a\ud800": [1]}', "one half of a character"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_other_json_is_refused_by_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        read_json("a.json", text)
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"x": 1}\n\n{"x": }\n', "line 3 breaks off at column 7"),
        ('{"x": 1}\n{"x": 2, "x": 3}', "“x” comes twice"),
        ("[1, 2]\n[3]\n", "row 2 has 1"),
        ("\n", "At least one row"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_json_lines("a.jsonl", text)


@given(st.lists(st.fixed_dictionaries({"x": FINITE, "y": FINITE}), min_size=1))
def test_records_the_json_module_writes_are_read_back(records: list[dict[str, float]]) -> None:
    expected = {name: [record[name] for record in records] for name in ("x", "y")}
    assert columns(table_of(json.dumps(records))) == expected
    lines = "\n".join(map(json.dumps, records))
    assert columns(read_json_lines("a.jsonl", lines)) == expected


DAYS = pd.date_range("2024-01-01", periods=3)
FRAMES = {
    "numbered": pd.DataFrame({"a": [1.5, 2.5], "b": [3.0, 4.0]}),
    "mixed": pd.DataFrame({"a": [1.5, 2.5], "s": ["u", "v"]}, index=["berlin", "paris"]),
    "days": pd.DataFrame({"a": [1.5, None, 3.5], "b": [1.0, 2.0, 3.0]}, index=DAYS),
    "one column": pd.DataFrame({"a": [1.5, 2.5, 3.5]}),
}
ORIENTS = ["columns", "split", "index", "table", "records", "values"]


@pytest.mark.filterwarnings("ignore:'epoch' date format is deprecated")
@pytest.mark.parametrize("dates", ["iso", "epoch"])
@pytest.mark.parametrize("orient", ORIENTS)
@pytest.mark.parametrize("kind", FRAMES)
def test_what_pandas_writes_in_every_orient_is_read_back(
    kind: str, orient: str, dates: str
) -> None:
    frame = FRAMES[kind]
    dates = "iso" if orient == "table" else dates
    table = table_of(frame.to_json(orient=orient, date_format=dates))
    features = [column for column in table.columns if column.name != table.index]
    for column, title in zip(features, frame.columns, strict=True):
        assert column.name == title or orient == "values"
        wanted = [None if value != value else value for value in frame[title]]
        assert [None if value != value else value for value in column.values.tolist()] == wanted
    assert bool(table.index) == (kind in ("mixed", "days") and orient not in ("records", "values"))
    assert all(decision.is_certain for decision in table.decisions)


@pytest.mark.parametrize("orient", ["split", "index", "table", "records"])
def test_what_a_series_writes_is_read_back(orient: str) -> None:
    series = pd.Series([1.5, 2.5, 4.0], index=DAYS, name="a")
    table = table_of(series.to_json(orient=orient, date_format="iso"))
    assert table.columns[-1].values.tolist() == [1.5, 2.5, 4.0]
    assert bool(table.index) == (orient != "records")


def test_an_object_of_objects_that_may_be_either_way_is_told_to_be_a_guess() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": [3.0, 4.0]}, index=["berlin", "paris"])
    for orient in ("columns", "index"):
        text = frame.to_json(orient=orient)
        (decision,) = table_of(text).decisions
        assert (decision.name, decision.options) == ("orient", ("columns", "index"))
        assert not decision.is_certain
        told = read_json("a.json", text, how=FileFormat(orient=orient))
        assert isinstance(told, Table)
        assert columns(told) == {"index": ["berlin", "paris"], **frame.to_dict("list")}
        assert told.decisions == ()


LABELS = st.one_of(
    st.lists(st.integers(0, 99), min_size=2, max_size=5, unique=True),
    st.lists(st.dates().map(str), min_size=2, max_size=5, unique=True),
)


@given(LABELS, st.sampled_from(["columns", "index", "split"]), st.data())
def test_labels_that_are_numbers_or_days_tell_the_orient(
    labels: list[object], orient: str, data: st.DataObject
) -> None:
    cells = st.lists(st.floats(-1e9, 1e9), min_size=len(labels), max_size=len(labels))
    named = {"a": data.draw(cells), "b": data.draw(cells)}
    frame = pd.DataFrame(named, index=labels)
    table = table_of(frame.to_json(orient=orient, double_precision=15))
    for title, wanted in named.items():
        np.testing.assert_allclose(table[title].values, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"status": "ok", "data": [{"x": 1}, {"x": 2}]}', {"x": [1, 2]}),
        ('{"lat": 1.5, "hourly": {"t": ["a", "b"], "x": [1, 2]}}', {"t": ["a", "b"], "x": [1, 2]}),
        ('{"result": {"records": [{"x": 1}]}}', {"x": [1]}),
        ('{"data": {"x": [1, 2], "y": [3, 4]}}', {"x": [1, 2], "y": [3, 4]}),
        ('[{"at": {"lon": 1, "lat": {"deg": 2}}}]', {"at.lon": [1], "at.lat.deg": [2]}),
        ('[["t", "x"], [1, 2], [3, 4]]', {"t": [1, 3], "x": [2, 4]}),
        ('{"x": [1, 2], "name": "q"}', {"x": [1, 2]}),
        ('[{"x": "1.5"}, {"x": "2"}]', {"x": [1.5, 2]}),
        ('{"x": 1}\n{"x": 2}\n', {"x": [1, 2]}),
        ("[1, 2]\n[3, 4]\n", {"column 1": [1, 3], "column 2": [2, 4]}),
    ],
)
def test_answers_of_web_interfaces_and_lines_are_tables(
    text: str, expected: dict[str, list[object]]
) -> None:
    assert columns(table_of(text)) == expected


def test_a_column_of_lists_is_named_and_the_others_are_read() -> None:
    table = table_of('[{"x": 1, "tags": ["a"]}, {"x": 2, "tags": []}]')
    assert columns(table) == {"x": [1, 2]}
    assert str(table.decisions[0]) == "Column “tags”: not read, because it holds list."


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.ndjson.gz"])
def test_json_lines_are_read_under_every_name(name: str) -> None:
    data = b'{"x": 1}\n{"x": 2}\n'
    table = read_file(name, gzip.compress(data) if name.endswith("gz") else data)
    assert isinstance(table, Table)
    assert columns(table) == {"x": [1, 2]}


HOSTILE = {
    "empty lists": ("a.jsonl", "[]\n" * 1_600_000),
    "empty objects": ("a.jsonl", "{}\n" * 900_000),
    "numbers": ("a.jsonl", "1\n" * 6_000_000),
    "blank lines": ("a.jsonl", "\n" * 4_000_000),
    "digits": ("a.json", "[" + ",".join(["1" * 40_000] * 400) + "]"),
    "digits below the limit": ("a.json", "[" + ",".join(["1" * 4_300] * 4_000) + "]"),
    "a name a row": ("a.json", json.dumps([{f"k{i}": 1} for i in range(300_000)])),
    "a name a column": ("a.json", json.dumps({f"k{i}": {f"{i}": 1} for i in range(200_000)})),
    "open": ("a.json", "{" * 4_000_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_megabytes_of_any_json_take_two_seconds(kind: str) -> None:
    start = time.process_time()
    with suppress(InputError):
        assert isinstance(read_file(HOSTILE[kind][0], HOSTILE[kind][1].encode()), Table)
    assert time.process_time() - start < 2


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_json_gives_a_content_or_one_sentence(content: object) -> None:
    with suppress(InputError):
        assert isinstance(read_json("a.json", json.dumps(content)), str | Table)
