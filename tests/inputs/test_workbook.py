import datetime
import io
import re
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import read_file
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Table

Sheets = dict[str, list[list[object]]]
DAYS = [datetime.datetime(2024, 1, day) for day in (1, 2, 3)]


def book(sheets: Sheets, change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def read(data: bytes, **how: str) -> Table:
    table = read_file("a.xlsx", data, FileFormat(**how))
    assert isinstance(table, Table)
    return table


HEADER = ["day", "x", "n", "ok", "sky"]
ROWS = [[DAYS[i], 1.5 * i, i, i == 1, "clear" if i else "cloudy"] for i in range(3)]


def test_every_kind_of_cell_becomes_its_kind_of_column() -> None:
    table = read(book({"data": [HEADER, *ROWS]}))
    assert table.names == tuple(HEADER)
    assert table["day"].values.tolist() == DAYS
    assert table["x"].values.tolist() == [0, 1.5, 3]
    assert table["n"].values.tolist() == [0, 1, 2]
    assert table["ok"].values.tolist() == [0, 1, 0]
    assert table["sky"].kind == "category"
    assert table.encoding == ""


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "A.XLSX"])
def test_what_pandas_writes_is_read_back(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": np.arange(50) / 7, "y": np.arange(50.0)})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    (tmp_path / "a.xlsx").rename(tmp_path / name)
    sequence = read_sequence(tmp_path / name)
    assert sequence.features == ("x", "y")
    wanted = pd.read_excel(tmp_path / name, engine="openpyxl").to_numpy()
    np.testing.assert_array_equal(sequence.values[:, 0], wanted)
    np.testing.assert_allclose(wanted, frame.to_numpy(), rtol=1e-15)


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=9))
@settings(deadline=None, max_examples=60)
def test_numbers_are_those_of_the_cells_to_the_last_digit(numbers: list[float]) -> None:
    data = book({"data": [["x"], *([number] for number in numbers)]})
    # openpyxl writes 16 digits: what it reads is the witness.
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    wanted = [float(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    np.testing.assert_array_equal(read(data)["x"].values, wanted)


@pytest.mark.parametrize("beside", ["1.234,5", "3,5", "1'000", "10 000", "word", "v1.2"])
def test_a_text_beside_them_changes_no_number(beside: str) -> None:
    numbers = [1.234, 12.345, 123.456, 1234.0]
    rows = [[number, beside] for number in numbers]
    assert read(book({"data": [["x", "s"], *rows]}))["x"].values.tolist() == numbers


TWO: Sheets = {"first": [["x"], [1], [2]], "second": [["x"], [3], [4]]}


def test_of_several_sheets_the_first_is_a_guess_and_any_can_be_told() -> None:
    data = book({"empty": [], **TWO})
    table = read(data)
    decision = table.decisions[0]
    assert table["x"].values.tolist() == [1, 2]
    assert (decision.name, decision.chosen) == ("sheet", "first")
    assert (decision.options, decision.is_certain) == (("first", "second"), False)
    assert read(data, sheet="second")["x"].values.tolist() == [3, 4]
    assert read_sequence("a.xlsx", data, sheet="second").values.ravel().tolist() == [3, 4]
    with pytest.raises(InputError, match="the sheet “third”, but it has “empty”, “first”"):
        read(data, sheet="third")


def test_one_filled_sheet_is_no_guess_and_a_hidden_one_is_not_offered() -> None:
    def hide(workbook: openpyxl.Workbook) -> None:
        workbook["first"].sheet_state = "hidden"

    for data, wanted in [
        (book({"data": TWO["first"], "empty": []}), [1, 2]),
        (book({"empty": [], "data": TWO["first"]}), [1, 2]),
        (book(TWO, hide), [3, 4]),
    ]:
        table = read(data)
        assert table["x"].values.tolist() == wanted
        assert "sheet" not in [decision.name for decision in table.decisions]


def test_cells_merged_down_their_column_fill_it() -> None:
    def merge(workbook: openpyxl.Workbook) -> None:
        workbook["data"].merge_cells("A2:A3")

    rows: list[list[object]] = [["site", "x"], ["north", 1], [None, 2], ["south", 3]]
    table = read(book({"data": rows}, merge))
    assert table["site"].values.tolist() == ["north", "north", "south"]


def test_a_title_and_empty_rows_and_columns_around_the_table_are_left_out() -> None:
    rows: list[list[object]] = [
        [],
        [],
        [None, None, "x", "y"],
        [None, None, 1, 2],
        [None, None, 3, 4],
    ]
    table = read(book({"data": rows}))
    assert (table.names, table["y"].values.tolist()) == (("x", "y"), [2, 4])


def test_formulas_without_a_result_are_counted() -> None:
    table = read(book({"data": [["x", "twice"], [1, "=2*A2"], [2, "=2*A3"]]}))
    assert table["twice"].n_missing == 2
    assert str(table.decisions[0]).startswith("2 formulas have no result in the file")


def parts(sheet: str, shared: str = "") -> bytes:
    """A workbook of one sheet's elements as they stand."""
    plain = book({"data": [["x"], [1]]})
    stream = io.BytesIO()
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for title in old.namelist():
            content = old.read(title)
            if title == "xl/worksheets/sheet1.xml":
                content = f"<worksheet {space}><sheetData>{sheet}</sheetData></worksheet>".encode()
            new.writestr(title, content)
        if shared:
            new.writestr("xl/sharedStrings.xml", f"<sst {space}>{shared}</sst>")
    return stream.getvalue()


def cell(place: str, value: str = "1", kind: str = "n") -> str:
    return f'<row><c r="{place}" t="{kind}"><v>{value}</v></c></row>'


def test_results_of_formulas_and_error_cells() -> None:
    formula = '<c r="B2"><f>1+1</f><v>2</v></c>'
    error = '<c r="B3" t="e"><v>#DIV/0!</v></c>'
    rows = (
        f'<row r="2"><c r="A2"><v>7</v></c>{formula}</row>'
        f'<row r="3"><c r="A3"><v>8</v></c>{error}</row>'
    )
    table = read(parts(rows))
    assert table["column 2"].values[0] == 2
    assert table["column 2"].n_missing == 1
    assert "formulas" not in [decision.name for decision in table.decisions]


def test_empty_cells_that_have_a_style_alone_count_for_nothing() -> None:
    styled = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read(parts(cell("A1") + cell("A2", "2") + styled)).n_rows == 2


HOSTILE = {
    "far corner": (parts(cell("A1") + cell("XFD1048576")), "1000 columns"),
    "far row": (parts(cell("A1") + cell("F1048576")), "5000000 values"),
    "one text in a million cells": (
        parts(
            "".join(cell(f"A{i}", "0", "s") for i in range(1, 100_000)),
            f"<si><t>{'x' * 100_000}</t></si>",
        ),
        "unpack to 200000000",
    ),
    "many cells": (parts("<row>" + "<c><v>1</v></c>" * 5_000_001 + "</row>"), "5000000 values"),
    "one long text": (parts(cell("A1", "x" * 210_000_000, "str")), "unpack to 200000000"),
    "no workbook": (b"PK\x03\x04" + bytes(40), "complete workbook"),
    "cut off": (book(TWO)[:-30], "complete workbook"),
    "another archive": (parts("").replace(b"xl/", b"yl/"), "complete workbook"),
    "empty": (book({"data": []}), "holds no values"),
    "open elements": (parts("<c " * 3_000_000), "complete workbook|values"),
    "entities": (parts('<row><c r="A1"><v>&a;&b;</v></c></row>'), "workbook|values"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_workbooks_are_refused_by_a_sentence_in_two_seconds(kind: str) -> None:
    data, sentence = HOSTILE[kind]
    start = time.process_time()
    with pytest.raises(InputError, match=sentence):
        read_file("a.xlsx", data)
    assert time.process_time() - start < 2


def test_a_thousand_sheets_that_are_one_part_are_not_read_a_thousand_times() -> None:
    rows = "".join(cell(f"A{i}") for i in range(1, 200_000)).encode()
    many = book({f"s{i}": [[1]] for i in range(900)})
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(many)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for title in old.namelist():
            content = old.read(title)
            if title == "xl/_rels/workbook.xml.rels":
                content = re.sub(rb"sheet\d+\.xml", b"sheet1.xml", content)
            if title == "xl/worksheets/sheet1.xml":
                content = re.sub(rb"<row.*</row>", rows, content, flags=re.DOTALL)
            new.writestr(title, content)
    start = time.process_time()
    assert read(stream.getvalue()).n_rows == 199_999
    assert time.process_time() - start < 2


VALID = book({"data": [HEADER, *ROWS]})


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(VALID) - 1), st.binary(max_size=3))
def test_a_changed_byte_gives_a_table_or_one_sentence(place: int, by: bytes) -> None:
    with suppress(InputError):
        changed = VALID[:place] + by + VALID[place + 1 :]
        assert isinstance(read_file_bounded("a.xlsx", changed), Table)


def test_a_binary_workbook_is_asked_to_be_saved_as_xlsx() -> None:
    with pytest.raises(InputError, match=r"\.xlsx.*save it as one of these"):
        read_file("a.xlsb", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
