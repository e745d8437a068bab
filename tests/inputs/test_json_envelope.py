"""Tables in JSON among what web interfaces and programs put beside them."""

import json

import pandas as pd
import pytest

from rnnviz.errors import InputError
from rnnviz.inputs.files import read_file
from rnnviz.inputs.table import Table

RECORDS = [{"x": 1.5, "y": 2.5}, {"x": 3.5, "y": -4.5}, {"x": 5.5, "y": 0.25}]
FRAME = pd.DataFrame(RECORDS)
ROWS = FRAME.to_numpy().tolist()
LISTS = FRAME.to_dict("list")
FACTS = {"unit": "m", "source": {"name": "a", "tags": ["b", "c"]}}


def read(content: object) -> Table:
    table = read_file("a.json", json.dumps(content).encode())
    assert isinstance(table, Table)
    return table


@pytest.mark.parametrize(
    "content",
    [
        {"meta": FACTS, "data": RECORDS},
        {"meta": FACTS, "data": LISTS},
        {"status": "ok", "results": RECORDS, "errors": []},
        {"data": {"items": RECORDS, "total": 3}, "links": {"next": None}},
        {"links": [], "data": RECORDS},
        {"fields": ["x", "y"], "values": ROWS},
        {"schema": FACTS, "columns": [{"name": "x"}, {"name": "y"}], "rows": ROWS},
        {"place": 52.5, "units": {"x": "m", "y": "m"}, "hourly": LISTS},
        {**LISTS, "info": {"made": "by hand"}},
        [{"page": 1, "pages": 1}, RECORDS],
    ],
)
def test_the_one_table_is_found_as_pandas_reads_it(content):
    table = read(content)
    pd.testing.assert_frame_equal(
        pd.DataFrame({name: table[name].values for name in table.names}), FRAME
    )


def test_objects_by_date_beside_facts_are_rows():
    series = {"2024-01-02": {"open": "1.5"}, "2024-01-01": {"open": "2.5"}}
    table = read({"Meta Data": {"info": "daily"}, "Time Series": series})
    assert table["open"].values.tolist() == [1.5, 2.5]
    assert table.index == "index"


def test_one_series_beside_facts_is_read():
    assert read({"meta": {"n": 3}, "data": [1, 2, 4]})["value"].values.tolist() == [1, 2, 4]


def test_the_choice_is_shown():
    said = [str(one) for one in read({"meta": FACTS, "data": {"items": RECORDS}}).decisions]
    assert said == ["What stands under “data.items” is read."]


@pytest.mark.parametrize(
    "content",
    [{"a": RECORDS, "b": RECORDS[:2]}, {"a": ROWS, "b": [[1, 2]]}, {"a": [1], "b": [1, 2]}],
)
def test_two_tables_are_named(content):
    with pytest.raises(InputError, match=r"“a”, “b” may each be one|those of “a.json” have"):
        read(content)


@pytest.mark.parametrize("names", ["fields", "columns"])
def test_columns_of_one_name_are_all_read_as_those_of_a_csv(names):
    table = read({names: ["x", "x"], "data": ROWS})
    assert table.names == ("x", "x.1")
    assert [table[name].values.tolist() for name in table.names] == FRAME.T.to_numpy().tolist()
    assert any(one.name == "renamed" for one in table.decisions)
