import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.json_table import read_json, read_jsonl
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
        ('[1, "two", true]', {"value": ["1.0", "two", "true"]}),
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
    table = read_jsonl("a.jsonl", '{"x": 1, "s": "a\u2028b"}\n\n{"x": 2, "s": "c"}\r\n')
    assert columns(table) == {"x": [1, 2], "s": ["a\u2028b", "c"]}


DEEP = "[" * 100_000 + "]" * 100_000

REFUSED = [
    ("", "line 1 breaks off at column 1"),
    ("[1,\n2,\n", "line 3 breaks off"),
    ("[]", "At least one row"),
    ("{}", "holds dict instead"),
    ("3", "holds float instead"),
    ("null", "holds NoneType instead"),
    ("[{}]", "holds dict instead"),
    ("[[]]", "At least one row"),
    ('{"x": 1}', "holds dict instead"),
    ('{"x": [1], "y": [1, 2]}', "have 1, 2"),
    ("[[1, 2], [3]]", "the first, 2, but row 2 has 1"),
    ('[{"x": [1]}]', "holds list instead"),
    ("[[[1]]]", "holds list instead"),
    ('{"x": [1], "x": [2]}', "“x” comes twice"),
    ('[{"a": 1, "k": 1, "k": 2}]', "“k” comes twice"),
    (DEEP, "nested far deeper"),
    ('{"a":' * 50_000 + "1" + "}" * 50_000, "nested far deeper"),
    (json.dumps({str(i): [1] for i in range(1_001)}), "1000 columns"),
    ("[" + "1," * 5_000_001 + "1]", "5000000 values"),
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
        read_jsonl("a.jsonl", text)


@given(st.lists(st.fixed_dictionaries({"x": FINITE, "y": FINITE}), min_size=1))
def test_records_the_json_module_writes_are_read_back(records: list[dict[str, float]]) -> None:
    expected = {name: [record[name] for record in records] for name in ("x", "y")}
    assert columns(table_of(json.dumps(records))) == expected
    lines = "\n".join(map(json.dumps, records))
    assert columns(read_jsonl("a.jsonl", lines)) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_json_gives_a_content_or_one_sentence(content: object) -> None:
    with suppress(InputError):
        assert isinstance(read_json("a.json", json.dumps(content)), str | Table)
